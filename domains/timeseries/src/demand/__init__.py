"""Forecasts of demand, and orders made from them: one chapter a module, in this order.

config     what ``config.yaml`` may say       | stationarity  tests; a series taken apart
sample     made-up sales whose causes we know | train         every window, and the choice
data       from a file to regular series      | predictor     the published forecasts
features   what models see of calendar, past  | figures       the pictures
backtest   rolling origins, and the scores    | evaluate      last window, price, publication
models     the ladder, from seasonal naive up | explain       what forecasts are made of
money      stock, and what it costs           | monitor       questions and demand since then
conformal  how wide an interval must be       | readme        the numbers in README and card
lstm/      optional rungs: LSTM, Prophet      | cli           the commands
kit/       what any project needs
"""
