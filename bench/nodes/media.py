"""Media in the store."""

from bench.nodes.browser import Browser
from bench.nodes.house import COUNT, House, show
from bench.servers import run as command


def run(house: House) -> None:
    reader = Browser(house.site)
    stored = [
        entry["Key"] for entry in house.bucket.list_objects_v2(Bucket="media").get("Contents", [])
    ]
    show("pictures lie in the bucket", len(stored) > 5, f"{len(stored)} files")
    left = [
        path
        for node in range(COUNT)
        for path in (house.folder / f"node{node}" / "media").glob("**/*.*")
    ]
    show("and on no node's disk", left == [])
    picture = next(
        name for name in stored if name.startswith("pictures/") and name.endswith(".webp")
    )
    answers = [reader.ask(port, f"/media/{picture}") for port in house.nodes]
    show(
        "every node serves them at our own address",
        len({answer.content for answer in answers}) == 1,
    )
    safe = all(
        answer.headers["Content-Security-Policy"].startswith("sandbox") for answer in answers
    )
    show("shut in", safe and {answer.status for answer in answers} == {200})
    through = command(
        "curl",
        "-sk",
        "--max-time",
        "10",
        "-D",
        "-",
        "-o",
        "/dev/null",
        f"{house.site}/media/{picture}",
    )
    show("and so does nginx", "200" in through.splitlines()[0] and "sandbox" in through)
