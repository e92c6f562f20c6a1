import pytest

from tests.simulators.field_nation.fn_sim_kit import ORDERS, PASSWORD_GRANT, TOKEN, FieldNation


async def test_both_grants_give_a_token_from_json_and_from_a_form(fn: FieldNation) -> None:
    by_form = await fn.http.post(TOKEN, data=PASSWORD_GRANT)
    by_client = await fn.grant(grant_type="client_credentials", username="", password="")
    assert by_form.status_code == by_client.status_code == 200
    assert by_form.json()["expires_in"] == 3600
    assert by_form.json()["token_type"] == "Bearer"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"client_secret": "wrong"}, 401),
        ({"password": "wrong"}, 401),
        ({"grant_type": "refresh_token"}, 400),
        ({"client_id": ""}, 400),
    ],
)
async def test_wrong_credentials_are_refused_in_the_token_shape(
    fn: FieldNation, change: dict[str, str], status: int
) -> None:
    answer = await fn.grant(**change)
    assert answer.status_code == status
    assert answer.json()["status_code"] == status


async def test_the_token_is_taken_from_the_query_and_from_the_header(fn: FieldNation) -> None:
    by_header = await fn.http.get(ORDERS, headers={"Authorization": f"Bearer {fn.token}"})
    by_query = await fn.http.get(ORDERS, params={"access_token": fn.token})
    by_nothing = await fn.http.get(ORDERS)
    assert [by_header.status_code, by_query.status_code, by_nothing.status_code] == [200, 200, 401]


async def test_each_place_for_the_token_can_be_closed(fn: FieldNation) -> None:
    await fn.switch(accept_bearer=False, accept_query_token=False)
    by_header = await fn.http.get(ORDERS, headers={"Authorization": f"Bearer {fn.token}"})
    by_query = await fn.http.get(ORDERS, params={"access_token": fn.token})
    assert [by_header.status_code, by_query.status_code] == [401, 401]


async def test_an_expired_token_gives_401_or_400_with_the_oauth_sentence(fn: FieldNation) -> None:
    await fn.sim("POST", "clock", {"advance_s": 3601})
    plain = await fn.call("GET", ORDERS)
    await fn.switch(expired_token_answer="400")
    worded = await fn.call("GET", ORDERS)
    assert [plain.status_code, worded.status_code] == [401, 400]
    assert "valid OAuth token" in worded.json()["message"]


async def test_revoked_tokens_are_unknown(fn: FieldNation) -> None:
    await fn.sim("POST", "revoke-tokens")
    assert (await fn.call("GET", ORDERS)).status_code == 401


async def test_a_token_opens_its_own_company_only(fn: FieldNation) -> None:
    mine = await fn.order()
    await fn.login(client_id="other", client_secret="other", username="o", password="o")
    assert (await fn.call("GET", f"{ORDERS}/{mine['id']}")).status_code == 404
    assert await fn.truth(7002) == []


async def test_acting_for_somebody_else_needs_a_user_of_the_company(fn: FieldNation) -> None:
    known = await fn.call("POST", ORDERS, params={"acting_user_id": 70012}, json={"title": "x"})
    unknown = await fn.call("POST", ORDERS, params={"acting_user_id": 1}, json={"title": "x"})
    assert known.json()["manager"]["id"] == 70012
    assert unknown.status_code == 403


async def test_the_bucket_empties_and_says_when_to_come_back(fn: FieldNation) -> None:
    await fn.switch(rate_per_minute=60, rate_burst=3)
    answers = [await fn.call("GET", ORDERS) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert answers[3].headers["Retry-After"] == "1"
    assert answers[3].headers["X-RateLimit-Remaining"] == "0"
    await fn.sim("POST", "clock", {"advance_s": 1.5})
    assert (await fn.call("GET", ORDERS)).status_code == 200


async def test_the_limit_may_come_without_retry_after(fn: FieldNation) -> None:
    await fn.switch(rate_per_minute=1, rate_burst=1, retry_after_header=False)
    answers = [await fn.call("GET", ORDERS) for _ in range(2)]
    assert answers[1].status_code == 429
    assert "Retry-After" not in answers[1].headers


@pytest.mark.parametrize(
    ("shape", "key"),
    [("status", "status"), ("status_code", "status_code"), ("sdk", "trace"), ("nested", "error"), ("oauth", "error")],
)
async def test_every_error_body_shape_can_be_had(fn: FieldNation, shape: str, key: str) -> None:
    await fn.switch(error_shape=shape)
    answer = await fn.call("POST", ORDERS, json={})
    assert answer.status_code == 400
    assert key in answer.json()
