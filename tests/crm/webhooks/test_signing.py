"""Messages verify with the public library, under the secret that was shown and no other."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from crm import present
from crm.models import Webhook
from crm.webhooks import signing

BODY = '{"type":"deal.won","note":"受注"}'


def _signed(webhook: Webhook, at=None) -> dict[str, str]:
    return signing.headers(webhook, "fact_7", BODY, at=at or present.now())


@pytest.fixture
def webhook(db: None) -> Webhook:
    return Webhook(salt=signing.new_salt())


def test_a_message_verifies_under_the_secret_that_was_shown(webhook: Webhook) -> None:
    told = Verifier(signing.secret_of(webhook.salt)).verify(BODY, _signed(webhook))
    assert told["note"] == "受注"


def test_a_changed_body_or_id_does_not_verify(webhook: Webhook) -> None:
    verifier, headers = Verifier(signing.secret_of(webhook.salt)), _signed(webhook)
    for body, changed in ((BODY + " ", headers), (BODY, headers | {"webhook-id": "fact_8"})):
        with pytest.raises(WebhookVerificationError):
            verifier.verify(body, changed)


def test_each_webhook_has_a_secret_of_its_own(webhook: Webhook) -> None:
    other = Verifier(signing.secret_of(signing.new_salt()))
    with pytest.raises(WebhookVerificationError):
        other.verify(BODY, _signed(webhook))


def test_the_secret_has_the_length_the_standard_asks_for_and_is_not_the_salt(webhook: Webhook) -> None:
    secret = signing.secret_of(webhook.salt)
    assert secret.startswith("whsec_")
    assert len(Verifier(secret)._whsecret) == 32
    assert webhook.salt not in secret


def test_after_a_rotation_the_old_secret_verifies_for_its_day_and_no_longer(webhook: Webhook) -> None:
    now, old = present.now(), webhook.salt
    webhook.previous_salt, webhook.salt = old, signing.new_salt()
    webhook.previous_until = now + timedelta(hours=1)
    for salt in (old, webhook.salt):
        Verifier(signing.secret_of(salt)).verify(BODY, _signed(webhook, now))
    webhook.previous_until = now
    with pytest.raises(WebhookVerificationError):
        Verifier(signing.secret_of(old)).verify(BODY, _signed(webhook, now))


def test_a_new_secret_key_signs_for_the_old_one_too_while_it_is_a_fallback(
    webhook: Webhook, settings: LazySettings
) -> None:
    shown = signing.secret_of(webhook.salt)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, as long as a key has to be, for the time after"
    Verifier(shown).verify(BODY, _signed(webhook))
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(WebhookVerificationError):
        Verifier(shown).verify(BODY, _signed(webhook))
