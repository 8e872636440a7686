-- Seven questions to this project's reviews. `product` and `date` are empty where the data set has
-- none.

-- 1. How many reviews are there in each part, and which share is positive? (GROUP BY)
SELECT part, COUNT(*) AS reviews, ROUND(AVG(positive), 3) AS share_positive
FROM reviews
GROUP BY part
ORDER BY part DESC;

-- 2. Which products have the lowest share of positive reviews, of those with ten or more? (HAVING)
SELECT product, COUNT(*) AS reviews, ROUND(AVG(positive), 3) AS share_positive
FROM reviews
WHERE product IS NOT NULL
GROUP BY product
HAVING COUNT(*) >= 10
ORDER BY share_positive, product
LIMIT 5;

-- 3. Are long reviews happier than short ones? (NTILE over a subquery)
SELECT quarter, MIN(words) AS fewest, MAX(words) AS most,
       ROUND(AVG(positive), 3) AS share_positive
FROM (SELECT words, positive, NTILE(4) OVER (ORDER BY words, review) AS quarter FROM reviews)
GROUP BY quarter
ORDER BY quarter;

-- 4. How positive are reviews that say "not"? (LIKE; a word has blanks around it)
SELECT CASE WHEN ' ' || LOWER(text) || ' ' LIKE '% not %' THEN 'says not' ELSE 'does not' END
         AS kind,
       COUNT(*) AS reviews, ROUND(AVG(positive), 3) AS share_positive
FROM reviews
GROUP BY kind
ORDER BY kind;

-- 5. What became of the test reviews: which bad ones are read? (CROSS JOIN, CASE)
SELECT SUM(CASE WHEN y = 0 AND 1 - probability >= threshold THEN 1 ELSE 0 END) AS bad_read,
       SUM(CASE WHEN y = 0 AND 1 - probability < threshold THEN 1 ELSE 0 END) AS bad_unread,
       SUM(CASE WHEN y = 1 AND 1 - probability >= threshold THEN 1 ELSE 0 END) AS good_read,
       SUM(CASE WHEN y = 1 AND 1 - probability < threshold THEN 1 ELSE 0 END) AS good_unread
FROM predictions CROSS JOIN decision
WHERE part = 'test';

-- 6. How does the share of positive reviews move from month to month? (WITH, LAG)
WITH monthly AS (
  SELECT SUBSTR(date, 1, 7) AS month, COUNT(*) AS reviews, AVG(positive) AS share
  FROM reviews
  WHERE date IS NOT NULL
  GROUP BY month
)
SELECT month, reviews, ROUND(share, 3) AS share_positive,
       ROUND(share - LAG(share) OVER (ORDER BY month), 3) AS change
FROM monthly
ORDER BY month;

-- 7. Does any text stand in both the training and the test part? (a leak; expect no row)
SELECT LOWER(text) AS text, COUNT(DISTINCT part) AS parts
FROM reviews
GROUP BY LOWER(text)
HAVING COUNT(DISTINCT part) > 1;
