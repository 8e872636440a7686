"""Servers that speak the protocols of the clouds' object storage, on 127.0.0.1."""

import atexit
import base64
import json
import os
import random
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
from pathlib import Path

import pytest
from installed import free_port
from npm import npm_install

BUCKET = "models-of-mine"
AZURITE = "azurite@3.35.0"
ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
# What names a client or its credentials: none of it comes from the machine.
HIDDEN = ("AWS_", "AZURE_", "GOOGLE_", "STORAGE_EMULATOR_HOST", "CLOUDSDK_")
# No client asks the machine whether it is one of a cloud's, nor reads files of its user.
QUIET = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_CONFIG_FILE": os.devnull,
    "NO_GCE_CHECK": "true",
    "CLOUDSDK_CONFIG": os.devnull,
}


class Emulator:
    """A storage that forgets all when it stops. ``env`` is how its clients find it.

    ``wrong`` names credentials that are refused, if any are; ``secrets`` may not be shown.
    """

    scheme: str
    env: dict[str, str]
    wrong: dict[str, str] | None = None
    secrets: list[str]

    def __init__(self, folder: Path) -> None:
        """Choose an address; ``folder`` is for its log."""
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.address = f"{self.scheme}://{BUCKET}/some/prefix"

    def command(self) -> list[str | Path]:
        """What starts it; it skips where that is missing."""
        raise NotImplementedError

    def settings(self) -> dict[str, str]:
        """What its own environment has besides."""
        return {}

    def fill(self) -> None:
        """Make the bucket, and the credentials."""

    def start(self) -> "Emulator":
        """Start it, and return once it answers and has an empty bucket."""
        command = [str(word) for word in self.command()]
        with (self.folder / f"{self.scheme}.log").open("w") as log:
            kept = os.environ | self.settings()
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=kept, stdout=log, stderr=log
            )
        atexit.register(self.process.kill)  # also where a fixture fails before it can stop it
        for _ in range(600):
            assert self.process.poll() is None, Path(log.name).read_text("utf-8")
            with socket.socket() as probe:
                if not probe.connect_ex(("127.0.0.1", self.port)):
                    self.fill()
                    return self
            time.sleep(0.1)
        raise AssertionError(f"{self.url} never answered")

    def stop(self) -> None:
        """Stop it, as a power cut does."""
        self.process.kill()
        self.process.wait(timeout=30)


class Amazon(Emulator):
    """S3, by moto's server, which lets in a user that it knows."""

    scheme = "s3"

    def command(self) -> list[str | Path]:
        """Moto's server."""
        pytest.importorskip("moto.server", reason="no moto: install the group `services`")
        return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]

    def settings(self) -> dict[str, str]:
        """So many calls as `fill` makes are free."""
        return {"INITIAL_NO_AUTH_ACTION_COUNT": "4"}

    def fill(self) -> None:
        """Make a bucket and a user, whose key is the same each time."""
        import boto3

        # Proxies are for what is not on this machine.
        asked = urllib.request.Request(f"{self.url}/moto-api/seed?a=1", method="POST")
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=60).read()
        anybody = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
        s3, iam = (
            boto3.client(name, endpoint_url=self.url, region_name="us-east-1", **anybody)
            for name in ("s3", "iam")
        )
        policy = {"Version": "2012-10-17", "Statement": [ALLOW]}
        s3.create_bucket(Bucket=BUCKET)
        iam.create_user(UserName="learner")
        iam.put_user_policy(UserName="learner", PolicyName="s3", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName="learner")["AccessKey"]
        self.secrets = [key["SecretAccessKey"], "wr0ngsecret"]
        self.env = {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": self.secrets[0],
        }
        self.wrong = self.env | {"AWS_SECRET_ACCESS_KEY": self.secrets[1]}


class Azure(Emulator):
    """Blob Storage, by Azurite, from npm."""

    scheme = "az"

    def __init__(self, folder: Path) -> None:
        """Choose keys as well."""
        super().__init__(folder)
        source = random.Random(1)
        self.secrets = [base64.b64encode(source.randbytes(64)).decode() for _ in range(2)]
        named = [{"AZURE_STORAGE_CONNECTION_STRING": self.named(key)} for key in self.secrets]
        self.env, self.wrong = named

    def named(self, key: str) -> str:
        """A connection string with this key."""
        return (
            f"DefaultEndpointsProtocol=http;AccountName=learner;AccountKey={key};"
            f"BlobEndpoint={self.url}/learner;"
        )

    def command(self) -> list[str | Path]:
        """Azurite, which refuses clients newer than itself unless it is told not to."""
        options = ["--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck"]
        program = npm_install(AZURITE) / "node_modules" / ".bin" / "azurite-blob"
        return [program, "--blobHost=127.0.0.1", f"--blobPort={self.port}", *options]

    def settings(self) -> dict[str, str]:
        """Its one account."""
        return {"AZURITE_ACCOUNTS": f"learner:{self.secrets[0]}"}

    def fill(self) -> None:
        """Make the bucket, which is called a container here."""
        from azure.storage.blob import BlobServiceClient

        (asked,) = self.env.values()
        BlobServiceClient.from_connection_string(asked).create_container(BUCKET)


class Google(Emulator):
    """Cloud Storage, by an emulator that lets in anybody."""

    scheme = "gs"

    def __init__(self, folder: Path) -> None:
        """There is no key to choose."""
        super().__init__(folder)
        self.env, self.secrets = {"STORAGE_EMULATOR_HOST": self.url}, []

    def command(self) -> list[str | Path]:
        """The program of the package of that name."""
        program = Path(sysconfig.get_path("scripts")) / "gcp-storage-emulator"
        if not program.is_file():
            pytest.skip("no gcp-storage-emulator: install the group `services`")
        where = ["--host=127.0.0.1", f"--port={self.port}", f"--default-bucket={BUCKET}"]
        return [program, "start", "--in-memory", "--quiet", *where]


EMULATORS = {kind.scheme: kind for kind in (Amazon, Azure, Google)}
