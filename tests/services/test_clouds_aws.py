"""The recipes for AWS: their templates as AWS's own tools read them, their scripts really run."""

import json
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

PROGRAMS = Path(sysconfig.get_path("scripts"))
OLD, NEW = "20261101-aaaaaaaa", "20261130-bbbbbbbb"


def program(name: str) -> Path | str:
    """A program of this environment or of the system; without it the test skips, and says so."""
    own = PROGRAMS / name
    found = own if own.is_file() else shutil.which(name)
    if not found:
        pytest.skip(f"no {name}: see .ci/run and the group `services`")
    return found


def check(*command: Path | str) -> subprocess.CompletedProcess[str]:
    """Run a linter; what it finds is in its output, and in its exit code."""
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(params=["tabular", "cv"])
def domain(request) -> str:
    """A project that takes JSON, and one that takes images."""
    return request.param


@pytest.fixture
def on_lambda(bake, domain: str) -> Path:
    """A project with the recipe for Lambda."""
    return bake(domain=domain, cloud="aws-lambda", github_username="ada-lovelace")


@pytest.fixture
def on_ec2(bake, domain: str) -> Path:
    """A project with the recipe for a machine."""
    return bake(domain=domain, cloud="aws-ec2", github_username="ada-lovelace")


# As AWS's and other tools read them.


@pytest.mark.parametrize("file", ["aws-lambda/template.yaml", "aws-ec2/machine.yaml"])
def test_cfn_lint_finds_nothing(bake, domain, file, tmp_path):
    cloud, name = file.split("/")
    template = bake(domain=domain, cloud=cloud, github_username="ada-lovelace") / "deploy" / name
    done = check(program("cfn-lint"), template)
    assert done.returncode == 0, done.stdout
    wrong = tmp_path / name
    wrong.write_text(template.read_text("utf-8").replace("Policies:", "Policy:"), "utf-8")
    assert "'Policy' was unexpected" in check(program("cfn-lint"), wrong).stdout


class NoManagedPolicies:
    """The translator asks AWS for them; the template names none."""

    def load(self) -> dict[str, str]:
        """None are needed."""
        return {}


def references(part: object) -> Iterator[str]:
    """What a template refers to by name."""
    if isinstance(part, dict):
        yield from (part["Ref"],) if "Ref" in part else ()
        yield from (part["Fn::GetAtt"][0],) if "Fn::GetAtt" in part else ()
        part = list(part.values())
    if isinstance(part, list):
        for value in part:
            yield from references(value)


def translated(template: Path, image: str) -> dict[str, dict]:
    """The resources that AWS would make, of each type the only one or the first."""
    from samtranslator.translator.transform import transform
    from samtranslator.yaml_helper import yaml_parse

    fragment = yaml_parse(template.read_text("utf-8"))
    fragment["Resources"]["Api"]["Properties"]["ImageUri"] = image  # as `sam build` leaves it
    made = transform(fragment, {"Subject": "repo:a/b:ref:refs/heads/main"}, NoManagedPolicies())
    known = {*made["Resources"], *made["Parameters"]}
    assert {name for name in references(made) if not name.startswith("AWS::")} <= known
    found: dict[str, dict] = {}
    for name, resource in made["Resources"].items():
        found.setdefault(resource["Type"].removeprefix("AWS::"), resource | {"Name": name})
    return found


@pytest.mark.skipif(not find_spec("samtranslator"), reason="no SAM: install the group `services`")
def test_sam_makes_a_function_whose_versions_stay(on_lambda, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    template = on_lambda / "deploy" / "template.yaml"
    registry = "1.dkr.ecr.eu-central-1.amazonaws.com/api"
    first, second = (translated(template, f"{registry}:{tag}") for tag in "ab")
    function = first["Lambda::Function"]["Properties"]
    assert function["Code"] == {"ImageUri": f"{registry}:a"}
    assert function["Architectures"] == ["x86_64"]
    assert function["Timeout"] <= 30
    assert first["Lambda::Version"]["Name"] != second["Lambda::Version"]["Name"]
    assert first["Lambda::Version"]["DeletionPolicy"] == "Retain"
    for made in (first, second):
        alias = made["Lambda::Alias"]["Properties"]
        assert alias["Name"] == "live"
        assert alias["FunctionVersion"]["Fn::GetAtt"][0] == made["Lambda::Version"]["Name"]
    paths = first["ApiGatewayV2::Api"]["Properties"]["Body"]["paths"]
    assert list(paths) == ["$default"], "every address"
    gateway = paths["$default"]["x-amazon-apigateway-any-method"]
    integration = gateway["x-amazon-apigateway-integration"]
    assert integration["payloadFormatVersion"] == "2.0"
    assert first["Lambda::Alias"]["Name"] in json.dumps(integration)


def test_only_this_repository_may_deploy(on_lambda, on_ec2):
    from cfnlint.decode.cfn_yaml import load  # knows !Ref and !Sub

    for template in (on_lambda / "deploy" / "template.yaml", on_ec2 / "deploy" / "machine.yaml"):
        role = load(str(template))["Resources"]["Deployer"]["Properties"]
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Condition"] == {
            "StringEquals": {
                "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                "token.actions.githubusercontent.com:sub": {"Ref": "Subject"},
            }
        }
        for statement in role["Policies"][0]["PolicyDocument"]["Statement"]:
            if "*" in statement["Resource"]:  # the text, or one of a list
                harmless = ("ecr:GetAuthorizationToken", "ssm:GetCommandInvocation")
                assert statement["Action"] in harmless


def test_image_of_lambda_gets_what_it_copies(on_lambda, tmp_path):
    dockerfile = on_lambda / "deploy" / "Dockerfile"
    lint = PROGRAMS / "hadolint"
    done = check(lint, dockerfile)
    assert done.returncode == 0, done.stdout
    wrong = tmp_path / "Dockerfile"
    wrong.write_text(dockerfile.read_text("utf-8").replace("python:3.12", "python"), "utf-8")
    assert "DL3006" in check(lint, wrong).stdout
    lines = dockerfile.read_text("utf-8").splitlines()
    copied = {name for line in lines if line.startswith("COPY") for name in line.split()[1:-1]}
    ignored = (on_lambda / ".dockerignore").read_text("utf-8").splitlines()
    assert copied == {line[1:] for line in ignored if line.startswith("!")}
    assert copied == {name for name in copied if (on_lambda / name).exists()}


def test_cloud_init_takes_its_file(on_ec2, tmp_path):
    file = on_ec2 / "deploy" / "cloud-init.yaml"
    schema = (program("cloud-init"), "schema", "--config-file")
    done = check(*schema, file)
    assert done.returncode == 0, done.stdout + done.stderr
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(file.read_text("utf-8").replace("packages: [", "packages: [1, "), "utf-8")
    assert "packages.0" in check(*schema, wrong).stderr


def steps(project: Path) -> list[dict]:
    """The steps of a project's deployment."""
    workflow = (project / ".github" / "workflows" / "deploy.yml").read_text("utf-8")
    return yaml.safe_load(workflow)["jobs"]["deploy"]["steps"]


def test_shellcheck_finds_nothing(on_lambda, on_ec2, tmp_path):
    script = on_ec2 / "deploy" / "update.sh"
    files = [script]
    for number, step in enumerate([*steps(on_lambda), *steps(on_ec2)]):
        if "run" in step:
            files.append(tmp_path / f"{number}.sh")
            files[-1].write_text(f"#!/usr/bin/env bash\n{step['run']}", "utf-8")
    assert len(files) == 4
    done = check(program("shellcheck"), *files)
    assert done.returncode == 0, done.stdout
    wrong = tmp_path / "wrong.sh"
    wrong.write_text(script.read_text("utf-8").replace('"$1" >', "$1 >"), "utf-8")
    assert "SC2086" in check(program("shellcheck"), wrong).stdout


# Run, with programs in the place of Docker and AWS that keep their state in files.

# An image is a file that holds what /health of it answers: a version, or nothing.
DOCKER = """
echo "$*" >> calls
for image; do :; done
case "$1" in
  build) cp next "images/$4" ;;
  run) cp "images/$image" running ;;
  tag) cp "images/$2" "images/$3" ;;
  rm) rm -f running ;;
esac
"""
CURL = """
[ -s running ] || exit 7
echo "{\\"status\\":\\"ok\\",\\"model_version\\":\\"$(cat running)\\",\\"commit\\":null}"
"""
AWS = """
echo "$*" >> calls
for last; do :; done
case "$1 $2" in
  "lambda get-alias") cat alias ;;
  "lambda update-alias") echo "$last" > alias; cp "version-$last" running ;;
  "ecr describe-repositories") echo 1.dkr.ecr.eu-central-1.amazonaws.com/api ;;
  "cloudformation describe-stacks") echo https://a.execute-api.eu-central-1.amazonaws.com ;;
  "ssm send-command") while [ "$1" != --parameters ]; do shift; done; echo "$2" > sent; echo id ;;
  "ssm get-command-invocation")
    case "$*" in
      *"--query Status "*)
        status=$(head -n 1 statuses)
        sed -i 1d statuses
        [ "$status" ] || exit 254 # AWS does not know the command yet
        echo "$status" ;;
      *Output*) echo "said on the machine" ;;
      *Error*) echo "wrong on the machine" ;;
    esac ;;
esac
"""
SAM = """
echo "sam $*" >> calls
[ -e version-8 ] || exit 1
echo 8 > alias
cp version-8 running
"""


@dataclass(frozen=True)
class World:
    """A folder in which programs find stand-ins for Docker, AWS and the network."""

    root: Path

    def run(self, *command: Path | str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a program among them."""
        path = f"{self.root / 'bin'}:{os.environ['PATH']}"
        kept = {"PATH": path, "WORLD": str(self.root), "GIT_CONFIG_GLOBAL": os.devnull}
        return subprocess.run(
            command, cwd=cwd, env=kept | env, capture_output=True, text=True, timeout=60
        )

    def step(self, project: Path, **env: str) -> subprocess.CompletedProcess[str]:
        """Run the last step of a project's deployment, as GitHub does."""
        step = steps(project)[-1]
        strict = ["-eo", "pipefail"] if "shell" in step else ["-e"]
        return self.run(
            "bash", "--noprofile", "--norc", *strict, "-c", step["run"], cwd=project, **env
        )

    def write(self, name: str, text: str) -> None:
        """Give a file of it one line, or none."""
        (self.root / name).write_text(text and f"{text}\n", "utf-8")

    def read(self, name: str) -> str:
        """Its line; nothing where there is no such file."""
        file = self.root / name
        return file.read_text("utf-8").strip() if file.exists() else ""


@pytest.fixture
def world(tmp_path) -> World:
    """An empty one."""
    made = World(tmp_path / "world")
    (made.root / "bin").mkdir(parents=True)
    (made.root / "images").mkdir()
    named = {"docker": DOCKER, "curl": CURL, "aws": AWS, "sam": SAM, "sleep": ""}
    for name, body in named.items():
        file = made.root / "bin" / name
        file.write_text(f'#!/bin/sh\nset -e\ncd "$WORLD"\n{body}', "utf-8")
        file.chmod(0o755)
    return made


def git(folder: Path, *words: str) -> None:
    """Run git in a folder."""
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    done = check("git", "-C", str(folder), *identity, *words)
    assert done.returncode == 0, done.stderr


def commit(repository: Path, version: str) -> None:
    """Publish a version in a repository."""
    (repository / "models" / "current.txt").write_text(f"{version}\n", "utf-8")
    git(repository, "add", "-A")
    git(repository, "commit", "--quiet", "--no-verify", "-m", f"Serve {version}")


@pytest.fixture
def repository(on_ec2, tmp_path) -> Path:
    """The project as it lies on GitHub, with a first version."""
    folder = tmp_path / "github"
    shutil.copytree(on_ec2, folder)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(folder, OLD)
    return folder


Take = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture
def take(world, repository, tmp_path) -> Take:
    """A machine that has started and serves the first version; what has it take another commit."""
    clone = tmp_path / "app"
    boot = yaml.safe_load((repository / "deploy" / "cloud-init.yaml").read_text("utf-8"))["runcmd"]
    address = boot[0].split()[-2]
    assert address.startswith("https://github.com/ada-lovelace/")
    world.write("next", OLD)
    for line in boot:
        line = line.replace(address, str(repository)).replace("/srv/app", str(clone))
        done = world.run("sh", "-c", line, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert world.read("running") == OLD

    def taken(version: str) -> subprocess.CompletedProcess[str]:
        world.write("statuses", "\n\nInProgress\nSuccess")
        commit(repository, version)
        assert world.step(repository, MACHINE="i-1").returncode == 0
        (line,) = json.loads(world.read("sent"))["commands"]
        world.write("calls", "")
        return world.run("sh", "-c", line.replace("/srv/app", str(clone)), cwd=tmp_path)

    return taken


def test_a_machine_takes_a_version_that_answers(take, world):
    world.write("next", NEW)
    done = take(NEW)
    assert done.returncode == 0, done.stderr
    assert NEW in done.stdout
    assert world.read("running") == NEW
    started = next(line for line in world.read("calls").splitlines() if line.startswith("run "))
    for words in ("--restart unless-stopped", "--publish 80:8000", "-logs:/app/logs"):
        assert words in started


@pytest.mark.parametrize("answer", ["", OLD, f"{NEW}0"], ids=["nothing", "the old", "another"])
def test_a_machine_goes_back_to_the_image_before(take, world, answer):
    world.write("next", answer)
    done = take(NEW)
    assert done.returncode == 1
    assert f"Does not serve {NEW}" in done.stderr
    assert world.read("running") == OLD
    world.write("next", NEW)
    assert take(NEW + "1").returncode == 1, "it goes back as often as it must"
    assert world.read("running") == OLD
    assert take(NEW).returncode == 0, "and takes the next that is good"
    assert world.read("running") == NEW


def test_a_machine_goes_back_when_a_container_does_not_start(take, world):
    script = world.root / "bin" / "docker"
    text = script.read_text("utf-8")
    broken = text.replace("run) ", 'run) case "$image" in *:new) exit 125 ;; esac; ')
    script.write_text(broken, "utf-8")
    world.write("next", NEW)
    assert take(NEW).returncode == 1
    assert world.read("running") == OLD


def test_a_machine_goes_on_serving_when_an_image_cannot_be_built(take, world):
    (world.root / "next").unlink()
    assert take(NEW).returncode != 0
    assert world.read("running") == OLD
    assert "rm" not in world.read("calls")


def test_a_machine_says_that_there_is_nothing_to_go_back_to(on_ec2, world, tmp_path):
    folder = shutil.copytree(on_ec2, tmp_path / "app")
    (folder / "models" / "current.txt").write_text(f"{NEW}\n", "utf-8")
    world.write("next", "")
    done = world.run("bash", "deploy/update.sh", cwd=folder)
    assert done.returncode == 1
    assert "There is none." in done.stderr
    assert "--pull never" in world.read("calls"), "Docker Hub is not asked for one"


def test_what_the_machine_said_is_told(repository, world):
    for end, code in (("Success", 0), ("Failed", 1)):
        world.write("statuses", f"\nPending\nInProgress\n{end}")
        done = world.step(repository, MACHINE="i-1")
        assert done.returncode == code
        assert "said on the machine" in done.stdout
        assert "wrong on the machine" in done.stderr


@pytest.mark.parametrize(
    ("answer", "code", "alias"),
    [(NEW, 0, "8"), (OLD, 1, "7"), ("", 1, "7"), (None, 1, "7")],
    ids=["good", "the old", "nothing", "not deployed"],
)
def test_lambda_keeps_or_takes_back_the_version(on_lambda, world, tmp_path, answer, code, alias):
    folder = shutil.copytree(on_lambda, tmp_path / "checkout")
    (folder / "models" / "current.txt").write_text(f"{NEW}\n", "utf-8")
    world.write("alias", "7")
    world.write("version-7", OLD)
    world.write("running", OLD)
    if answer is not None:
        world.write("version-8", answer)
    done = world.step(folder)
    assert done.returncode == code, done.stderr
    assert world.read("alias") == alias
    assert world.read("running") == (NEW if code == 0 else OLD)
    assert "--image-repository 1.dkr.ecr.eu-central-1.amazonaws.com/api" in world.read("calls")
