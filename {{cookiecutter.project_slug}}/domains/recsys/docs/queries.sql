-- Seven questions to this project's interactions: `liked` is 1 for a like, `part` is train,
-- validation or test, `seconds` is empty where the data set has no times.

-- 1. How many of all pairs of user and item are there? (scalar subqueries)
SELECT (SELECT COUNT(*) FROM users) AS users, (SELECT COUNT(*) FROM items) AS items,
       COUNT(*) AS interactions,
       ROUND(1.0 * COUNT(*)
             / ((SELECT COUNT(*) FROM users) * (SELECT COUNT(*) FROM items)), 5) AS filled
FROM interactions;

-- 2. Which five items have most likes? (JOIN, GROUP BY)
SELECT title, SUM(liked) AS likes
FROM interactions JOIN items USING (item)
GROUP BY item, title
ORDER BY likes DESC, item
LIMIT 5;

-- 3. Which share of all likes falls to each tenth of the items? (NTILE: the long tail)
WITH counted AS (
  SELECT item, COALESCE(SUM(liked), 0) AS likes
  FROM items LEFT JOIN interactions USING (item)
  GROUP BY item
), tenths AS (
  SELECT likes, NTILE(10) OVER (ORDER BY likes DESC, item) AS tenth FROM counted
)
SELECT tenth, SUM(likes) AS likes, ROUND(1.0 * SUM(likes) / SUM(SUM(likes)) OVER (), 4) AS share
FROM tenths
GROUP BY tenth
ORDER BY tenth;

-- 4. How many users are new in each part: without a like in training? (NOT EXISTS)
SELECT part, COUNT(DISTINCT user) AS new_users
FROM interactions AS now
WHERE part <> 'train' AND NOT EXISTS (
  SELECT 1 FROM interactions AS past
  WHERE past.user = now.user AND past.part = 'train' AND past.liked = 1
)
GROUP BY part
ORDER BY part;

-- 5. What else did those like who liked the item with most likes? (self-join)
WITH favourite AS (
  SELECT item FROM interactions GROUP BY item ORDER BY SUM(liked) DESC, item LIMIT 1
)
SELECT items.title, COUNT(*) AS together
FROM favourite
JOIN interactions AS one ON one.item = favourite.item AND one.liked = 1
JOIN interactions AS other
  ON other.user = one.user AND other.liked = 1 AND other.item <> one.item
JOIN items ON items.item = other.item
GROUP BY other.item, items.title
ORDER BY together DESC, other.item
LIMIT 5;

-- 6. How many likes does a user have: fewest, median, most? (ROW_NUMBER)
WITH counted AS (
  SELECT user, SUM(liked) AS likes FROM interactions GROUP BY user
), ranked AS (
  SELECT likes, ROW_NUMBER() OVER (ORDER BY likes) AS place, COUNT(*) OVER () AS users
  FROM counted
)
SELECT MIN(likes) AS fewest,
       AVG(CASE WHEN place IN ((users + 1) / 2, (users + 2) / 2) THEN likes END) AS median,
       MAX(likes) AS most
FROM ranked;

-- 7. Does any pair of user and item stand in two parts? (a leak; expect no row)
SELECT user, item, COUNT(DISTINCT part) AS parts
FROM interactions
GROUP BY user, item
HAVING COUNT(DISTINCT part) > 1;
