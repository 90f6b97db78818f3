"""Store media in the object storage and serve them from every node."""

from bench.nodes.browser import Browser
from bench.nodes.cluster import COUNT, Cluster, check
from bench.servers import run as command


def run(cluster: Cluster) -> None:
    reader = Browser(cluster.site)
    stored = [
        entry["Key"] for entry in cluster.bucket.list_objects_v2(Bucket="media").get("Contents", [])
    ]
    check("pictures are in the bucket", len(stored) > 5, f"{len(stored)} files")
    left = [
        path
        for node in range(COUNT)
        for path in (cluster.folder / f"node{node}" / "media").glob("**/*.*")
    ]
    check("no node has them on its disk", left == [])
    picture = next(
        name for name in stored if name.startswith("pictures/") and name.endswith(".webp")
    )
    answers = [reader.request(port, f"/media/{picture}") for port in cluster.nodes]
    check(
        "every node serves them at the address of the site",
        len({answer.content for answer in answers}) == 1,
    )
    safe = all(
        answer.headers["Content-Security-Policy"].startswith("sandbox") for answer in answers
    )
    check("in a sandbox", safe and {answer.status for answer in answers} == {200})
    through = command(
        "curl",
        "-sk",
        "--max-time",
        "10",
        "-D",
        "-",
        "-o",
        "/dev/null",
        f"{cluster.site}/media/{picture}",
    )
    check("nginx serves them as well", "200" in through.splitlines()[0] and "sandbox" in through)
