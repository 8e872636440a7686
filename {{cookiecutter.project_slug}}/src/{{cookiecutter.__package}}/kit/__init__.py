"""What any project needs and none is about: the same in every project of the template."""
