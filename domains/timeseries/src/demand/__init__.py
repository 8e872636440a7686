"""Forecasts of demand, and orders made from them: one chapter a module, in this order.

config        what ``config.yaml`` may say       | conformal  how wide an interval must be
sample        made-up sales whose causes we know | train      every window, and the choice
stationarity  tests, seasons, a series apart     | predictor  the published forecasts
data          from a file to regular series      | figures    the pictures
features      what models see of calendar, past  | evaluate   last window, price, publication
backtest      rolling origins, and the scores    | explain    what forecasts are made of
models        the ladder, from seasonal naive up | monitor    questions and demand since then
money         stock, and what it costs           | readme     the numbers in README and card
lstm/         optional rungs: LSTM, Prophet      | cli        the commands
kit/          what any project needs
"""
