"""All questions with their answers as one Markdown document."""

from collections.abc import Sequence

from portfolio.interview.questions import TOPICS, Question

HEAD = (
    "Questions, with the answers that the results give. Cover an answer, say yours, then compare. "
    "Nothing here is for anybody but you."
)


def render(heading: str, asked: Sequence[Question]) -> str:
    """The document: each project's questions, theory, then how somebody works."""
    parts = [f"# {heading}", HEAD]
    for topic in TOPICS:
        own = [question for question in asked if question.topic == topic]
        for about in dict.fromkeys(question.about for question in own):
            parts.append(f"## {_title(topic, about)}")
            for question in own:
                if question.about == about:
                    parts += [f"### {question.ask}", question.answer, question.material]
    return "\n\n".join(part for part in parts if part) + "\n"


def _title(topic: str, about: str) -> str:
    titles = {"project": about, "theory": "Theory", "behavioural": f"How you work: {about}"}
    return titles[topic]
