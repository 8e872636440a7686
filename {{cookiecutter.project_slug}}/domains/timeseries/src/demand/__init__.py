"""Forecasts of demand, and orders made from them. The chapters, in reading order:

``config`` what may be set; ``sample`` a made-up world whose truth is known; ``data`` from a file
to regular series; ``features`` what models see of calendar and past; ``backtest`` rolling origins
and scores; ``models`` the ladder; ``conformal`` how wide an interval must be; ``stationarity``
tests, and a series taken apart; ``money`` stock and what it costs; ``train`` every model on every
window, and the choice; ``predictor`` the published forecasts; ``evaluate`` the last window, the
price, the publication; ``explain`` what forecasts are made of; ``figures`` and ``readme`` show it,
``cli`` runs it.
``kit`` is what any project needs; ``lstm`` is an optional rung of the ladder.
"""
