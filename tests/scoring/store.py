"""A real S3 server on this machine, which checks keys and signatures, for tests that read from it."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import boto3

BUCKET = "shop"
_START = 60.0  # seconds
_MAY_READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


class Store:
    """The server; it forgets everything when it ends, and starts again at the same address."""

    def __init__(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.key = self.secret = ""
        self._process = None

    def start(self):
        environment = {**os.environ, "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + _START
        while True:
            try:
                self._ask("/moto-api/")
                break
            except (urllib.error.URLError, ConnectionError):
                assert self._process.poll() is None, "the server has ended"
                assert time.monotonic() < end, "the server does not answer"
                time.sleep(0.05)
        users = self._client("iam", "none", "none")
        users.create_user(UserName="reader")
        made = users.create_access_key(UserName="reader")["AccessKey"]
        users.put_user_policy(UserName="reader", PolicyName="reading", PolicyDocument=json.dumps(_MAY_READ))
        self.key, self.secret = made["AccessKeyId"], made["SecretAccessKey"]
        # From now on it refuses whoever does not sign with this key.
        self._ask("/moto-api/reset-auth", b"0")
        self._client("s3", self.key, self.secret).create_bucket(Bucket=BUCKET)

    def put(self, files):
        """Upload files by name."""
        client = self._client("s3", self.key, self.secret)
        for name, content in files.items():
            client.put_object(Bucket=BUCKET, Key=name, Body=content)

    def kill(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _ask(self, path, data=None):
        request = urllib.request.Request(self.address + path, data=data, headers={"Content-Type": "text/plain"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.read()

    def _client(self, service, key, secret):
        return boto3.client(
            service,
            endpoint_url=self.address,
            region_name="us-east-1",
            aws_access_key_id=key,
            aws_secret_access_key=secret,
        )
