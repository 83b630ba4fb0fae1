"""One-time codes by RFC 6238, each good once."""

from datetime import UTC, datetime, timedelta

import pytest

from appliance.domain import totp

RFC_SECRET = b"12345678901234567890"
NOW = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    assert totp.code_at(RFC_SECRET, totp.step_of(moment), digits=8) == code


@pytest.mark.parametrize(
    ("off", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_off_by_one_step(off: int, taken: bool) -> None:
    step = totp.step_of(NOW) + off
    code = totp.code_at(RFC_SECRET, step)
    assert totp.matching_step(RFC_SECRET, code, NOW, 0) == (step if taken else None)


def test_a_used_step_and_those_before_it_are_not_taken_again() -> None:
    step = totp.step_of(NOW)
    for used in (step, step + 1):
        assert totp.matching_step(RFC_SECRET, totp.code_at(RFC_SECRET, step), NOW, used) is None


def test_spaces_in_a_typed_code_do_not_matter() -> None:
    code = totp.code_at(RFC_SECRET, totp.step_of(NOW))
    assert totp.matching_step(RFC_SECRET, f"{code[:3]} {code[3:]}", NOW, 0) is not None


@pytest.mark.parametrize("typed", ["", "abc", "12345", "١٢٣٤٥٦", "000000000"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert totp.matching_step(RFC_SECRET, typed, NOW, 0) is None


def test_the_address_for_authenticators_carries_issuer_login_and_seed() -> None:
    uri = totp.provisioning_uri(RFC_SECRET, "anna", "ООО «Лампа»")
    assert uri.startswith("otpauth://totp/%D0%9E")
    assert "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" in uri
    assert "period=30" in uri and "digits=6" in uri


def test_spare_codes_are_ten_different_ones_and_recognised_however_typed() -> None:
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == 10
    assert totp.recovery_hash(codes[0].upper().replace("-", " ")) == totp.recovery_hash(codes[0])
    assert totp.looks_like_recovery(codes[0]) and not totp.looks_like_recovery("123 456")
