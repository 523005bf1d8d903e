"""Whole runs against a signed index: what it vouches for is installed, what it does not is refused."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.commands.conftest import Machine, make_wheel
from tests.commands.signed_site import SignedSite
from tests.index.server import Reply, compressed, redirect


@pytest.fixture
def site(machine: Machine) -> SignedSite:
    made = SignedSite(machine)
    made.add(make_wheel("demo"))
    made.trust("demo")
    return made


def evidence(machine: Machine, project: str = "demo") -> list[dict[str, str]]:
    (folder,) = machine.libraries.glob(f"{project}-*.dist-info")
    receipt = json.loads((folder / "trued-receipt.json").read_text())
    found: list[dict[str, str]] = receipt["evidence"]
    return found


class TestWhatIsVouchedFor:
    def test_is_installed_without_a_pin_or_a_question(self, machine: Machine, site: SignedSite) -> None:
        ran = machine.trued("install", "demo")

        assert (ran.status, ran.codes) == (0, [])
        assert machine.installed == {"demo": "1.0"}

    def test_has_the_chain_of_roles_as_evidence(self, machine: Machine, site: SignedSite) -> None:
        machine.trued("install", "demo")

        (one,) = evidence(machine)
        assert one["kind"] == "tuf"
        assert one["authority"].startswith("corp (")
        assert one["detail"].startswith("root 1 > targets 1 > bins-")
        assert ", until " in one["detail"]

    def test_passes_strict_with_its_pin(self, machine: Machine, site: SignedSite) -> None:
        wheel = site.wheels["demo"][0]

        ran = machine.install(wheel.line, options=("--level", "strict", "--min-age", "0d"))

        assert (ran.status, ran.codes) == (0, [])
        assert [one["kind"] for one in evidence(machine)] == ["pin", "tuf"]

    def test_is_locked_with_the_digests_of_the_signed_page(self, machine: Machine, site: SignedSite) -> None:
        ran = machine.trued("lock", "demo", "-o", "pylock.toml")

        assert (ran.status, ran.codes) == (0, [])
        assert site.wheels["demo"][0].sha256 in (machine.work / "pylock.toml").read_text()

    def test_may_be_an_html_page(self, machine: Machine, site: SignedSite) -> None:
        wheel = make_wheel("other")
        site.repository.add(f"files/other/{wheel.filename}", wheel.content)
        link = f'<a href="../../files/other/{wheel.filename}#sha256={wheel.sha256}">{wheel.filename}</a>'
        site.repository.add("simple/other/index.html", f"<!DOCTYPE html>{link}".encode())
        site.publish()
        site.trust("other")

        ran = machine.trued("install", "other")

        assert (ran.status, ran.codes) == (0, [])

    def test_is_taken_from_the_store_by_the_signature_alone(self, machine: Machine, site: SignedSite) -> None:
        machine.trued("install", "demo")
        machine.trued("uninstall", "-y", "demo")
        site.asked()

        ran = machine.trued("install", "demo")

        assert (ran.status, [one["kind"] for one in evidence(machine)]) == (0, ["tuf"])
        assert site.asked() == ["metadata/2.root.json", "metadata/timestamp.json"]

    def test_comes_compressed_and_over_redirects(self, machine: Machine, site: SignedSite) -> None:
        routes = machine.index.server.routes
        name = "/corp/metadata/2.snapshot.json"
        body = site.repository.metadata["2.snapshot.json"]
        routes[name] = redirect("/elsewhere/snapshot")
        routes["/elsewhere/snapshot"] = compressed(body, {})

        assert machine.trued("install", "demo").status == 0

    def test_is_used_without_a_network(self, machine: Machine, site: SignedSite) -> None:
        machine.trued("install", "demo")
        machine.trued("uninstall", "-y", "demo")
        site.asked()

        ran = machine.trued("install", "--offline", "demo")

        assert (ran.status, ran.codes) == (0, [])
        assert site.asked() == []


class TestWhatIsNotVouchedFor:
    def test_other_bytes_under_the_signed_name_are_refused(self, machine: Machine, site: SignedSite) -> None:
        wheel = site.wheels["demo"][0]
        other = make_wheel("demo", files={"demo/__init__.py": b"evil = True\n"}).content
        body = other[: len(wheel.content)].ljust(len(wheel.content), b"\0")
        machine.index.server.routes[site.target(".whl")] = Reply(body=body)

        ran = machine.trued("install", "demo", "--trust-on-first-use", "--level", "permissive")

        assert (ran.status, ran.codes) == (1, ["TRU854"])
        assert machine.installed == {}

    def test_a_longer_file_is_cut_off(self, machine: Machine, site: SignedSite) -> None:
        wheel = site.wheels["demo"][0]
        machine.index.server.routes[site.target(".whl")] = Reply(body=wheel.content + b"\0" * 9)

        ran = machine.trued("install", "demo")

        assert (ran.status, ran.codes) == (1, ["TRU860"])

    def test_a_page_that_was_changed_is_never_parsed(self, machine: Machine, site: SignedSite) -> None:
        path = site.target("index.json")
        body = site.repository.targets[path.removeprefix("/corp/")]
        machine.index.server.routes[path] = Reply(body=body.replace(b"demo-1.0", b"demo-6.6"))

        ran = machine.trued("install", "demo")

        assert (ran.status, ran.codes) == (1, ["TRU854"])

    def test_a_file_that_the_page_names_and_nobody_signed_is_refused(
        self, machine: Machine, site: SignedSite
    ) -> None:
        del site.repository.bins[site.repository.bin_of("files/demo/demo-1.0-py3-none-any.whl")].targets[
            "files/demo/demo-1.0-py3-none-any.whl"
        ]
        site.publish()
        machine.index.server.routes["/corp/files/demo/demo-1.0-py3-none-any.whl"] = Reply(
            body=site.wheels["demo"][0].content
        )

        ran = machine.trued("install", "demo", "--trust-on-first-use")

        assert (ran.status, ran.codes) == (1, ["TRU858"])

    def test_a_pin_does_not_let_an_unsigned_file_be_fetched(self, machine: Machine, site: SignedSite) -> None:
        evil = make_wheel("demo", "6.6")
        machine.index.server.routes[f"/corp/files/demo/{evil.filename}"] = Reply(body=evil.content)

        address = site.url.replace("simple/", f"files/demo/{evil.filename}")
        ran = machine.install(f"demo @ {address} --hash=sha256:{evil.sha256}")

        assert (ran.status, ran.codes) == (1, ["TRU858"])

    def test_the_host_spelled_otherwise_is_the_same_index(self, machine: Machine, site: SignedSite) -> None:
        site.machine.index.server.routes["/corp/simple/demo/"] = Reply(
            body=b"<a href='/corp/files/evil-1.0-py3-none-any.whl'>evil-1.0-py3-none-any.whl</a>",
            headers={"Content-Type": "text/html"},
        )
        site.trust("unused")
        for address in ("/corp/simple/", "/other/../corp/simple/", "/other/%2e%2e/corp/simple/"):
            site.asked()
            url = machine.index.server.url(address)

            ran = machine.trued("install", "evil", "--index-url", url)

            assert ran.status != 0
            assert not [path for path in site.asked() if path.startswith("simple/")]

    def test_an_index_without_metadata_is_not_asked_as_a_plain_one(
        self, machine: Machine, site: SignedSite
    ) -> None:
        for name in list(machine.index.server.routes):
            if name.startswith("/corp/metadata/"):
                del machine.index.server.routes[name]
        machine.index.server.routes["/corp/simple/demo/"] = Reply(body=b"<html></html>")
        site.asked()

        ran = machine.trued("install", "demo", "--trust-on-first-use", "--level", "permissive")

        assert (ran.status, ran.codes) == (2, ["TRU857"])
        assert [path for path in site.asked() if not path.startswith("metadata/")] == []

    def test_a_page_kept_from_before_the_index_was_trusted_is_not_used(
        self, machine: Machine, site: SignedSite
    ) -> None:
        policy = site.trust("demo")
        policy.write_text(f'[[index]]\nname = "corp"\nurl = "{site.url}"\nprojects = ["demo"]\n')
        evil = make_wheel("demo", "6.6")
        entry = {"filename": evil.filename, "url": "/evil.whl", "hashes": {"sha256": evil.sha256}}
        page = {"meta": {"api-version": "1.1"}, "name": "demo", "files": [entry]}
        machine.index.server.routes["/corp/simple/demo/"] = Reply(
            body=json.dumps(page).encode(),
            headers={
                "Content-Type": "application/vnd.pypi.simple.v1+json",
                "Cache-Control": "max-age=600",
            },
        )
        machine.index.server.routes["/evil.whl"] = Reply(body=evil.content)
        assert machine.trued("install", "demo", "--trust-on-first-use").status == 0
        assert machine.installed == {"demo": "6.6"}
        machine.trued("uninstall", "-y", "demo")
        site.trust("demo")

        ran = machine.trued("install", "demo")

        assert (ran.status, machine.installed) == (0, {"demo": "1.0"})

    def test_an_address_of_another_server_on_a_signed_page_is_refused(
        self, machine: Machine, site: SignedSite
    ) -> None:
        wheel = make_wheel("away")
        machine.index.server.routes["/away.whl"] = Reply(body=wheel.content)
        entry = {"filename": wheel.filename, "url": "/away.whl", "hashes": {"sha256": wheel.sha256}}
        page = {"meta": {"api-version": "1.1"}, "name": "away", "files": [entry]}
        site.repository.add("simple/away/index.json", json.dumps(page).encode())
        site.publish()
        site.trust("away")

        ran = machine.trued("install", "away", "--trust-on-first-use")

        assert ran.status == 1
        assert set(ran.codes) <= {"TRU858", "TRU863"}

    def test_frozen_metadata_refuses_and_the_store_still_serves_pins(
        self, machine: Machine, site: SignedSite
    ) -> None:
        wheel = site.wheels["demo"][0]
        machine.trued("install", "demo")
        machine.trued("uninstall", "-y", "demo")
        site.repository.timestamp.expires = site.repository.now - timedelta(minutes=1)
        site.publish()

        assert machine.trued("install", "demo").codes == ["TRU852"]
        assert machine.install(wheel.line).status == 0

    def test_a_root_that_is_not_there_stops_the_run(self, machine: Machine, site: SignedSite) -> None:
        (machine.home / ".config" / "trued" / "root.json").unlink()

        ran = machine.trued("install", "demo")

        assert (ran.status, ran.codes) == (2, ["TRU865"])

    def test_a_projects_file_cannot_take_the_index_for_a_plain_one(
        self, machine: Machine, site: SignedSite
    ) -> None:
        machine.write("[[index]]", 'name = "mine"', f'url = "{site.url}"', name="trued.toml")
        machine.index.server.routes["/corp/simple/other/"] = Reply(body=b"<html></html>")
        site.asked()

        machine.trued("install", "other", "--trust-on-first-use")

        assert "simple/other/" not in site.asked()

    def test_a_projects_file_cannot_put_its_own_root_in_the_place_of_the_users(
        self, machine: Machine, site: SignedSite
    ) -> None:
        stranger = SignedSite(machine)
        stranger.add(make_wheel("other"))  # serves its own metadata at the address now
        (machine.work / "root.json").write_bytes(stranger.repository.trusted_root)
        machine.write(
            *("[[index]]", 'name = "mine"', f'url = "{site.url}"', 'trust = "tuf"', 'root = "root.json"'),
            'projects = ["other"]',
            name="trued.toml",
        )

        ran = machine.trued("install", "other", "--trust-on-first-use")

        assert (ran.status, ran.codes) == (1, ["TRU855"])

    def test_a_projects_file_may_bring_a_root_for_an_index_of_its_own(
        self, machine: Machine, site: SignedSite
    ) -> None:
        (machine.home / ".config" / "trued" / "trued.toml").unlink()
        (machine.work / "root.json").write_bytes(site.repository.trusted_root)
        machine.write(
            *("[[index]]", 'name = "corp"', f'url = "{site.url}"', 'trust = "tuf"', 'root = "root.json"'),
            'projects = ["demo"]',
            name="trued.toml",
        )

        ran = machine.trued("install", "demo")

        assert (ran.status, ran.codes) == (0, [])

    def test_a_project_that_is_not_there_is_told_by_signed_metadata(
        self, machine: Machine, site: SignedSite
    ) -> None:
        site.trust("ghost")
        machine.index.server.routes["/corp/simple/ghost/"] = Reply(body=b"<html></html>")
        site.asked()

        ran = machine.trued("install", "ghost")

        assert ran.codes == ["TRU360"]
        assert not [path for path in site.asked() if path.startswith("simple/ghost/")]


class TestFigures:
    def test_a_warm_run_of_many_files_adds_two_requests(self, machine: Machine, site: SignedSite) -> None:
        names = [f"lib{number}" for number in range(20)]
        for name in names:
            site.wheels[name] = [wheel := make_wheel(name)]
            site.repository.add(f"files/{name}/{wheel.filename}", wheel.content)
            entry = {
                "filename": wheel.filename,
                "url": f"../../files/{name}/{wheel.filename}",
                "hashes": {"sha256": wheel.sha256},
            }
            page = {"meta": {"api-version": "1.1"}, "name": name, "files": [entry]}
            site.repository.add(f"simple/{name}/index.json", json.dumps(page).encode())
        site.publish()
        site.trust(*names)
        assert machine.trued("install", *names).status == 0
        machine.trued("uninstall", "-y", *names)
        site.asked()

        assert machine.trued("install", *names).status == 0

        assert site.asked() == ["metadata/2.root.json", "metadata/timestamp.json"]
