"""What projects give a real Prometheus: it scrapes the API, and its alerts go off."""

import json
import shutil
import subprocess
import threading
import time
import urllib.parse
import urllib.request

import pytest
import yaml
from fastapi import FastAPI
from installed import free_port
from kit import serving
from support import TREE

if not shutil.which("prometheus"):
    pytest.skip("no Prometheus: install Debian's `prometheus`", allow_module_level=True)
uvicorn = pytest.importorskip("uvicorn")

MONITORING = TREE / "monitoring"
METADATA = {"version": "abc", "monitoring": {"log_inputs": False, "log_mb": 1}}


def wait_for(true, seconds: int = 60):
    """What `true` gives as soon as that is anything; it may fail to connect before."""
    for _ in range(seconds * 5):
        try:
            if found := true():
                return found
        except OSError:
            pass
        time.sleep(0.2)
    raise AssertionError("it never came")


@pytest.fixture
def api(tmp_path):
    """A server under watch; its port."""
    app = FastAPI()
    log = serving.watch(app, METADATA, tmp_path / "logs")

    @app.post("/predict")
    def predict() -> None:
        log.add([{"decision": "contact"}], [{}])

    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for(lambda: server.started)
    yield port
    server.should_exit = True
    thread.join(timeout=30)


def test_prometheus_scrapes_the_api_and_knows_its_rules(api, tmp_path):
    config = yaml.safe_load((MONITORING / "prometheus.yml").read_text(encoding="utf-8"))
    assert config["scrape_configs"][0]["static_configs"][0]["targets"] == ["api:8000"]
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["scrape_configs"][0]["static_configs"][0]["targets"] = [f"127.0.0.1:{api}"]
    shutil.copy(MONITORING / "alerts.yml", tmp_path)
    file, port = tmp_path / "prometheus.yml", free_port()
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    for _ in range(3):
        request = urllib.request.Request(f"http://127.0.0.1:{api}/predict", method="POST")
        urllib.request.urlopen(request, timeout=10).read()
    command = ["prometheus", f"--config.file={file}", f"--storage.tsdb.path={tmp_path / 'data'}"]
    server = subprocess.Popen([*command, f"--web.listen-address=127.0.0.1:{port}"])

    def asked(path: str) -> dict:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/{path}", timeout=10) as answer:
            return json.load(answer)["data"]

    def value(query: str) -> str | None:
        found = asked(f"query?query={urllib.parse.quote(query)}")["result"]
        return found[0]["value"][1] if found else None

    try:
        predicted = 'api_predictions_total{decision="contact",version="abc"}'
        assert wait_for(lambda: value(predicted)) == "3"
        assert value('up{job="api"}') == "1"
        assert value('api_requests_total{route="/predict",status="200"}') == "3"
        groups = asked("rules")["groups"]
        assert {rule["health"] for rule in groups[0]["rules"]} <= {"ok", "unknown"}
    finally:
        server.terminate()
        server.wait(timeout=30)


ALERTS = {
    "ApiDown": [("up{job='api'}", "0x10")],
    "ApiErrors": [
        ("api_requests_total{route='/predict', status='200'}", "0+50x20"),
        ("api_requests_total{route='/predict', status='500'}", "0+1x20"),
    ],
    "ApiSlow": [
        ("api_request_seconds_bucket{route='/predict', le='1'}", "0+1x20"),
        ("api_request_seconds_bucket{route='/predict', le='10'}", "0+50x20"),
        ("api_request_seconds_bucket{route='/predict', le='+Inf'}", "0+50x20"),
    ],
    "PredictionsUnlogged": [("api_predictions_unlogged_total", "0 0 0 5x20")],
}


def test_every_alert_goes_off_when_it_should_and_only_then(tmp_path):
    file = MONITORING / "alerts.yml"
    subprocess.run(["promtool", "check", "rules", file], check=True)
    rules = yaml.safe_load(file.read_text(encoding="utf-8"))["groups"][0]["rules"]
    assert {rule["alert"] for rule in rules} == set(ALERTS)
    tests = []
    for name, series in ALERTS.items():
        inputs = [{"series": each, "values": values} for each, values in series]
        fired = [{"eval_time": "12m", "alertname": other, "exp_alerts": []} for other in ALERTS]
        labels = {"job": "api"} if name == "ApiDown" else {}
        note = next(rule["annotations"] for rule in rules if rule["alert"] == name)
        alert = {"exp_labels": labels, "exp_annotations": note}
        fired[list(ALERTS).index(name)]["exp_alerts"] = [alert]
        tests.append({"interval": "1m", "input_series": inputs, "alert_rule_test": fired})
    content = {"rule_files": [str(file)], "evaluation_interval": "1m", "tests": tests}
    (tmp_path / "test.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
    done = subprocess.run(
        ["promtool", "test", "rules", tmp_path / "test.yml"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
