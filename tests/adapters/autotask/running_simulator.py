"""A running simulator and its control paths."""

import httpx

from app.simulators.autotask.seeding import make_seed

USER, SECRET, CODE = "broker@acme.example", "Simulated-Secret-1", "FIELDNATION0SIMULATED0CODE1"
TICKETS = 620
SEED = make_seed(tickets=TICKETS)
DATABASE = 101


class Simulator:
    """The truth of database 101, its switches and faults."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.sim = httpx.AsyncClient(base_url=f"{url}/_sim/", trust_env=False)

    async def fault(self, kind: str, **more: object) -> None:
        assert (await self.sim.post("faults", json={"fault": kind, **more})).status_code == 201

    async def settings(self, **switches: object) -> None:
        assert (await self.sim.patch("settings", json=switches)).status_code == 204

    async def by_hand(self, entity: str, id: int, **changes: object) -> None:
        """What a person changes in the vendor's own pages."""
        answer = await self.sim.patch(f"ui/{DATABASE}/{entity}/{id}", json=changes)
        assert answer.status_code < 300, answer.text

    async def calls(self) -> dict:
        return (await self.sim.get("calls")).json()

    async def rows(self, entity: str) -> list[dict]:
        return (await self.sim.get("state", params={"database": DATABASE, "entity": entity})).json()
