"""The settings: read once, frozen, and clear about what is wrong without telling what was given."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from pydantic import ValidationError

from hub.settings import DEMO_REGISTER, PREFIX, Settings, SettingWrong, read_settings

CANARY = "kanari-4711"
KEY = "k" * 40

Reader = Callable[[Mapping[str, str]], Settings]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Reads an environment that holds these of our variables and no other."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)

    def from_environment(given: Mapping[str, str]) -> Settings:
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        return read_settings()

    return from_environment


def test_nothing_set_means_everything_local(read: Reader) -> None:
    """A newcomer sets nothing at all."""
    found = read({})
    assert found.is_local
    assert found.http_host == "127.0.0.1"
    assert found.database_url is None
    assert found.kafka_connection("127.0.0.1:1").bootstrap == ("127.0.0.1:1",)
    assert found.register().vendors


@pytest.mark.parametrize(
    ("variable", "wrong"),
    [
        ("HUB_KAFKA_BOOTSTRAP_SERVERS", f"{CANARY} without a port"),
        ("HUB_KAFKA_BOOTSTRAP_SERVERS", ""),
        ("HUB_KAFKA_SECURITY_PROTOCOL", CANARY),
        ("HUB_KAFKA_SASL_MECHANISM", CANARY),
        ("HUB_DATABASE_URL", f"mysql://{CANARY}"),
        ("HUB_PSEUDONYM_KEY", CANARY),
        ("HUB_PSEUDONYM_KEY_VERSION", f"{CANARY}, too long"),
        ("HUB_MAX_MESSAGE_BYTES", CANARY),
        ("HUB_HTTP_PORT", "70000"),
        ("HUB_LOG_LEVEL", CANARY),
        ("HUB_LOG_FORMAT", CANARY),
        ("HUB_COMBINATION_RULE", CANARY),
        ("HUB_GROUP_PREFIX", f"{CANARY} "),
        ("HUB_LANE_MAX_RECORDS", "0"),
        ("HUB_KAFKA_CA_FILE", CANARY),
    ],
)
def test_a_wrong_value_is_told_by_name_and_never_by_value(read: Reader, variable: str, wrong: str) -> None:
    """The start stops with the variable's name and a hint; what stood there is not repeated."""
    with pytest.raises(SettingWrong) as told:
        read({variable: wrong})
    assert variable in str(told.value)
    assert CANARY not in str(told.value)
    assert told.value.exit_code == 2
    assert told.value.__cause__ is None


def test_every_wrong_variable_is_told_at_once(read: Reader) -> None:
    """Nobody mends one fault only to meet the next."""
    with pytest.raises(SettingWrong) as told:
        read({"HUB_HTTP_PORT": "x", "HUB_LOG_LEVEL": "x"})
    assert str(told.value).count("\n") == 1


def test_a_misspelt_variable_is_not_passed_over(read: Reader) -> None:
    """A cluster's name that is almost spelt right would otherwise start a local broker in production."""
    with pytest.raises(SettingWrong, match="HUB_KAFKA_BOOTSTRAP_SERVERS is meant"):
        read({"HUB_KAFKA_BOOTSTRAP_SERVER": "a:1"})


def test_foreign_variables_with_our_prefix_are_left_alone(read: Reader) -> None:
    """A cluster's machinery may set HUB_SERVICE_HOST for reasons of its own."""
    assert read({"HUB_SERVICE_HOST": "10.0.0.1", "HUB_SPEC_DIR": "x"}).is_local


def test_a_cluster_of_ones_own_needs_a_key_of_ones_own(read: Reader) -> None:
    """The demo's key is public: with it, a pseudonym would protect nobody."""
    with pytest.raises(SettingWrong, match="HUB_PSEUDONYM_KEY"):
        read({"HUB_KAFKA_BOOTSTRAP_SERVERS": "a:9092"})
    assert not read({"HUB_KAFKA_BOOTSTRAP_SERVERS": "a:9092", "HUB_PSEUDONYM_KEY": KEY}).is_local


def test_several_servers_are_split_at_the_commas(read: Reader) -> None:
    """The Kafka library takes a list and does not split."""
    found = read({"HUB_KAFKA_BOOTSTRAP_SERVERS": "a:9092, [::1]:9093", "HUB_PSEUDONYM_KEY": KEY})
    assert found.kafka_connection().bootstrap == ("a:9092", "[::1]:9093")


def test_sasl_without_a_password_is_told_with_all_three_names(read: Reader) -> None:
    """A wrong login is told late and vaguely by a broker; a missing one is told here."""
    with pytest.raises(SettingWrong, match="HUB_KAFKA_SASL_MECHANISM, HUB_KAFKA_USERNAME, HUB_KAFKA_PASSWORD"):
        read({
            "HUB_KAFKA_BOOTSTRAP_SERVERS": "a:9092", "HUB_PSEUDONYM_KEY": KEY, "HUB_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        })


def test_secrets_are_not_printed(read: Reader) -> None:
    """Neither by repr nor by str."""
    found = read({
        "HUB_DATABASE_URL": f"postgres://u:{CANARY}@h/d", "HUB_PSEUDONYM_KEY": CANARY * 4, "HUB_KAFKA_PASSWORD": CANARY,
        "HUB_KAFKA_USERNAME": CANARY,
    })
    assert CANARY not in f"{found!r} {found} {found.pseudonyms()!r}"
    assert found.database_url is not None
    assert found.database_url.get_secret_value() == f"postgresql://u:{CANARY}@h/d"


def test_the_settings_are_frozen(read: Reader) -> None:
    """What was read at the start holds until the end."""
    with pytest.raises(ValidationError):
        read({}).http_port = 1


def test_every_variable_says_what_it_must_be() -> None:
    """The hint is the field's description: none may lack one."""
    assert all(field.description for field in Settings.model_fields.values())


def test_the_demo_register_is_there() -> None:
    """The default names a file that comes with the package."""
    assert DEMO_REGISTER.is_file()


def test_an_authority_that_is_no_certificate_is_told_at_the_start(read: Reader, tmp_path: Path) -> None:
    """Not by the first client that connects, in a library's words."""
    file = tmp_path / "ca.pem"
    file.write_text(CANARY, "utf-8")
    with pytest.raises(SettingWrong, match="HUB_KAFKA_CA_FILE: the file holds no certificates"):
        read({"HUB_KAFKA_SECURITY_PROTOCOL": "SSL", "HUB_KAFKA_CA_FILE": str(file)})
