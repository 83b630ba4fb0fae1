"""The paper: what is typed is read kindly and checked strictly."""

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import Invalid
from appliance.vault import bech32
from appliance.vault.recovery import RecoveryCode, derive, identity_of
from appliance.vault.vault import Vault

SECRETS = st.binary(min_size=20, max_size=20)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
FROZEN = RecoveryCode(bytes(range(20)))


@given(SECRETS)
def test_a_printed_code_reads_back(secret: bytes) -> None:
    text = RecoveryCode(secret).text
    assert [len(group) for group in text.split("-")] == [4] * 9
    assert RecoveryCode.parse(text).secret == secret


@given(SECRETS, st.integers(0, 35), st.sampled_from(ALPHABET))
def test_one_wrong_letter_is_always_noticed(secret: bytes, at: int, letter: str) -> None:
    letters = RecoveryCode(secret).text.replace("-", "")
    if letters[at] != letter:
        with pytest.raises(Invalid) as caught:
            RecoveryCode.parse(letters[:at] + letter + letters[at + 1 :])
        assert caught.value.code == "recovery_code_typo"


@given(SECRETS, st.integers(0, 30))
def test_two_neighbours_swapped_are_always_noticed(secret: bytes, at: int) -> None:
    letters = RecoveryCode(secret).text.replace("-", "")
    if letters[at] != letters[at + 1]:
        swapped = letters[:at] + letters[at + 1] + letters[at] + letters[at + 2 :]
        with pytest.raises(Invalid):
            RecoveryCode.parse(swapped)


def test_every_single_typo_of_one_code_is_noticed() -> None:
    letters = FROZEN.text.replace("-", "")
    typed = [
        letters[:at] + other + letters[at + 1 :]
        for at in range(36)
        for other in ALPHABET
        if other != letters[at]
    ]
    noticed = 0
    for text in typed:
        with pytest.raises(Invalid):
            RecoveryCode.parse(text)
        noticed += 1
    assert noticed == 36 * 31


@given(SECRETS)
def test_case_spaces_dashes_and_look_alikes_do_not_matter(secret: bytes) -> None:
    text = RecoveryCode(secret).text
    sloppy = text.lower().replace("-", " – ").replace("0", "o").replace("1", "l")
    cyrillic = text.translate(str.maketrans("ABEKMHPCTXY", "АВЕКМНРСТХУ")).lower()
    assert RecoveryCode.parse(sloppy).secret == secret
    assert RecoveryCode.parse(cyrillic).secret == secret


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "recovery_code_length"),
        ("ABCD-EFGH", "recovery_code_length"),
        (FROZEN.text + "0", "recovery_code_length"),
        ("U" + FROZEN.text[1:], "recovery_code_letter"),
        ("*" + FROZEN.text[1:], "recovery_code_letter"),
    ],
)
def test_what_is_not_a_code_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        RecoveryCode.parse(text)
    assert caught.value.code == code


def test_a_code_does_not_print_itself() -> None:
    assert FROZEN.text not in f"{FROZEN!r} {FROZEN}"
    with pytest.raises(Invalid):
        RecoveryCode(b"short")


@given(SECRETS)
def test_backups_encrypted_to_the_box_open_with_the_paper_alone(secret: bytes) -> None:
    code = RecoveryCode(secret)
    identity = Vault.recovery_identity(code.text)
    recipient = pyrage.x25519.Recipient.from_str(identity.age_recipient)
    owner = pyrage.x25519.Identity.from_str(identity.age_identity)
    assert str(owner.to_public()) == identity.age_recipient
    assert pyrage.decrypt(pyrage.encrypt(b"backup", [recipient]), [owner]) == b"backup"


def test_the_papers_secrets_are_independent_of_each_other_and_hidden() -> None:
    identity = identity_of(FROZEN)
    assert identity.chain_start_key != derive(FROZEN.secret, "age-x25519")
    assert identity.age_identity not in repr(identity)


def test_the_first_releases_paper_is_worth_the_same_for_ever() -> None:
    identity = identity_of(FROZEN)
    assert FROZEN.text == "000G-40R4-0M30-E209-185G-R38E-1W81-24GK-4GYN"
    assert (
        identity.age_recipient == "age1kyt209narnmpdm6ekq9ucy2twt6jhug8l2g2d3drtxkg6ukwssgszfap7s"
    )
    assert (
        identity.chain_start_key.hex()
        == "06046f540de0464b2ff8d02a3759b55500f33e6ede1587a5c315da82e324b363"
    )


@pytest.mark.parametrize(
    ("prefix", "data", "text"),
    [
        # BIP 173, valid strings without data.
        ("a", b"", "a12uel5l"),
        (
            "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio",
            b"",
            "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
        ),
    ],
)
def test_bech32_writes_as_its_standard_says(prefix: str, data: bytes, text: str) -> None:
    assert bech32.encode(prefix, data) == text
