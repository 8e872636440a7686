-- Seven more questions to this project's clean table. `number`, `category` and `date` stand for its
-- columns; the first question says for which. One that the table has not is empty.

-- 1. Which column does each name stand for? (SELECT)
SELECT role, column_name
FROM roles
ORDER BY role;

-- 2. In how many rows is each of them missing? (UNION ALL)
SELECT 'number' AS role, COUNT(*) - COUNT(number) AS missing FROM clean
UNION ALL
SELECT 'number_2', COUNT(*) - COUNT(number_2) FROM clean
UNION ALL
SELECT 'category', COUNT(*) - COUNT(category) FROM clean
UNION ALL
SELECT 'category_2', COUNT(*) - COUNT(category_2) FROM clean
UNION ALL
SELECT 'date', COUNT(*) - COUNT(date) FROM clean;

-- 3. What is the median of `number` in each category, beside its mean? (ROW_NUMBER)
WITH placed AS (
  SELECT category, number,
         ROW_NUMBER() OVER (PARTITION BY category ORDER BY number) AS place,
         COUNT(*) OVER (PARTITION BY category) AS size
  FROM clean
  WHERE category IS NOT NULL AND number IS NOT NULL
)
SELECT category, MAX(size) AS known, ROUND(AVG(number), 3) AS mean,
       ROUND(AVG(CASE WHEN place IN ((size + 1) / 2, (size + 2) / 2) THEN number END), 3) AS median
FROM placed
GROUP BY category
ORDER BY category;

-- 4. How do the two categories meet: which pairs are most frequent? (GROUP BY two columns)
SELECT category, category_2, COUNT(*) AS entries
FROM clean
GROUP BY category, category_2
ORDER BY entries DESC, category, category_2
LIMIT 5;

-- 5. How does the sum of `number` grow from month to month? (WITH, a running sum)
WITH monthly AS (
  SELECT SUBSTR(date, 1, 7) AS month, SUM(number) AS total
  FROM clean
  WHERE date IS NOT NULL
  GROUP BY month
)
SELECT month, ROUND(total, 2) AS total,
       ROUND(SUM(total) OVER (ORDER BY month), 2) AS so_far
FROM monthly
ORDER BY month;

-- 6. Which rows lie furthest from the mean, in standard deviations? (CROSS JOIN)
WITH spread AS (
  SELECT AVG(number) AS mean, AVG(number * number) - AVG(number) * AVG(number) AS variance
  FROM clean
)
SELECT row, number, ROUND(SQRT((number - mean) * (number - mean) / variance), 2) AS deviations
FROM clean CROSS JOIN spread
WHERE number IS NOT NULL
ORDER BY deviations DESC, row
LIMIT 5;

-- 7. Which combinations of all five stand in more than one row? (HAVING; equal, not always wrong)
SELECT number, number_2, category, category_2, date, COUNT(*) AS entries
FROM clean
GROUP BY number, number_2, category, category_2, date
HAVING COUNT(*) > 1
ORDER BY entries DESC, number
LIMIT 5;
