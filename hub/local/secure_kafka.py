"""The local broker with its doors shut: TLS, a password for everyone (SCRAM), and a right for every act. For trying, never for production.

Its one super user beside itself is the administrator, whose password lies in its folder. No password stands in a command line, in the
broker's own words or in its properties: those name the file.
"""

import secrets
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from contracts.kafka_connection import KafkaConnection
from contracts.rights import ADMINISTRATOR
from hub.local import Progress, silent
from hub.local.certificates import certify
from hub.local.kafka import LocalKafka
from hub.secret_files import write_secret

PORT: Final = 19_094
"""Beside the plain local broker's pair of ports; the controller has the port above."""
_BROKER: Final = "broker"
_SCRAM: Final = "org.apache.kafka.common.security.scram.ScramLoginModule"
_PLAIN: Final = "org.apache.kafka.common.security.plain.PlainLoginModule"
_SECURE: Final = """\
listeners=CLIENTS://{{host}}:{{port}},CONTROLLER://{{host}}:{{controller}}
listener.security.protocol.map=CLIENTS:SASL_SSL,CONTROLLER:SASL_SSL
controller.listener.names=CONTROLLER
inter.broker.listener.name=CLIENTS
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
sasl.mechanism.controller.protocol=PLAIN
config.providers=file
config.providers.file.class=org.apache.kafka.common.config.provider.FileConfigProvider
listener.name.clients.scram-sha-512.sasl.jaas.config={scram} required username="broker" password="{broker}";
listener.name.controller.sasl.enabled.mechanisms=PLAIN
listener.name.controller.plain.sasl.jaas.config={plain} required username="broker" password="{own}" user_broker="{own}";
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={authority}
ssl.client.auth=none
ssl.enabled.protocols=TLSv1.3,TLSv1.2
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:broker;User:admin
allow.everyone.if.no.acl.found=false
"""


class SecureKafka(LocalKafka):
    """As LocalKafka, in a folder of its own: one that was formatted for a plain broker knows no passwords."""

    def __init__(self, folder: Path, *, port: int = PORT, heap: str = "320m", progress: Progress = silent) -> None:
        super().__init__(folder, port=port, heap=heap, progress=progress)

    def start(self) -> None:
        """As LocalKafka does, in a folder that nobody else can look into: the broker's own files hold keys that passwords gave."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        super().start()

    @property
    def ca_file(self) -> Path:
        """The authority that signed the broker's certificate, in PEM: what a client must be given."""
        return self.folder / "ca.pem"

    @property
    def connection(self) -> KafkaConnection:
        """As the administrator."""
        return self.connection_as(ADMINISTRATOR, SecretStr(self._secrets()[ADMINISTRATOR]))

    def connection_as(self, name: str, password: SecretStr) -> KafkaConnection:
        """As anybody."""
        return KafkaConnection((self.bootstrap,), "SASL_SSL", "SCRAM-SHA-512", name, password, self.ca_file)

    def _listeners(self) -> str:
        certify(self.ca_file, self._keystore)
        return _SECURE.format(
            plain=_PLAIN, scram=_SCRAM, keystore=self._keystore, authority=self.ca_file, broker=self._named(_BROKER),
            own=self._named("controller"),
        )

    def _named(self, secret: str) -> str:
        # twice formatted: the braces are for Kafka
        self._secrets()
        return f"${{{{file:{self._secret_file}:{secret}}}}}"

    def _format_arguments(self) -> list[str]:
        known = self._secrets()
        users = (f"SCRAM-SHA-512=[name={name},password={known[name]}]" for name in (_BROKER, ADMINISTRATOR))
        self._format_file.unlink(missing_ok=True)
        # in a file, not on the command line, where everybody on the machine could read them
        write_secret(self._format_file, "\n".join((*super()._format_arguments(), *(f"--add-scram\n{user}" for user in users))) + "\n")
        return [f"@{self._format_file}"]

    def _format_once(self, java: list[str]) -> None:
        try:
            super()._format_once(java)
        finally:
            self._format_file.unlink(missing_ok=True)

    def _secrets(self) -> dict[str, str]:
        if not self._secret_file.exists():
            made = {name: secrets.token_urlsafe(24) for name in (_BROKER, ADMINISTRATOR, "controller")}
            write_secret(self._secret_file, "".join(f"{name}={secret}\n" for name, secret in made.items()))
        lines = self._secret_file.read_text("utf-8").splitlines()
        return {name: secret for name, _, secret in (line.partition("=") for line in lines)}

    @property
    def _secret_file(self) -> Path:
        return self.folder / "secrets.properties"

    @property
    def _keystore(self) -> Path:
        return self.folder / "keystore.pem"

    @property
    def _format_file(self) -> Path:
        return self.folder / "format.args"
