-- Seven questions to this project's demand: `unique_id` names a series, `ds` a date, `y` what was
-- asked for.

-- 1. How many values and series are there, and from when to when? (COUNT DISTINCT)
SELECT COUNT(*) AS entries, COUNT(DISTINCT unique_id) AS series, MIN(ds) AS first, MAX(ds) AS last
FROM demand;

-- 2. Which five series sell most, and which share of all is that? (a window over groups)
SELECT unique_id, ROUND(SUM(y), 1) AS total, ROUND(SUM(y) / SUM(SUM(y)) OVER (), 4) AS share
FROM demand
GROUP BY unique_id
ORDER BY total DESC, unique_id
LIMIT 5;

-- 3. How does demand depend on the day of the week? 0 is Sunday. (a function of the date)
SELECT STRFTIME('%w', ds) AS weekday, COUNT(*) AS entries, ROUND(AVG(y), 2) AS average
FROM demand
GROUP BY weekday
ORDER BY weekday;

-- 4. In which share of its steps was nothing asked for, series by series? (conditional average)
SELECT unique_id, ROUND(AVG(CASE WHEN y = 0 THEN 1.0 ELSE 0.0 END), 3) AS share_zero
FROM demand
GROUP BY unique_id
ORDER BY share_zero DESC, unique_id
LIMIT 5;

-- 5. What did the seasonal naive forecast miss by, on average? (ROW_NUMBER, self-join)
WITH counted AS (
  SELECT unique_id, y, ROW_NUMBER() OVER (PARTITION BY unique_id ORDER BY ds) AS step
  FROM demand
)
SELECT now.unique_id, COUNT(*) AS steps, ROUND(AVG(ABS(now.y - past.y)), 3) AS mean_error
FROM counted AS now
CROSS JOIN settings
JOIN counted AS past
  ON past.unique_id = now.unique_id AND past.step = now.step - settings.season_length
GROUP BY now.unique_id
ORDER BY now.unique_id
LIMIT 5;

-- 6. What is the moving average of the first series over one week of steps? (a window frame)
SELECT ds, y, ROUND(AVG(y) OVER (ORDER BY ds ROWS BETWEEN 6 PRECEDING AND CURRENT ROW), 2) AS mean
FROM demand
WHERE unique_id = (SELECT MIN(unique_id) FROM demand)
ORDER BY ds DESC
LIMIT 7;

-- 7. Does any series have two values for one date? (an error in the data; expect no row)
SELECT unique_id, ds, COUNT(*) AS entries
FROM demand
GROUP BY unique_id, ds
HAVING COUNT(*) > 1;
