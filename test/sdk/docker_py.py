"""Scenarios of docker-py (Debian's python3-docker). Prints one JSON line for each: its name, and what went wrong."""
import io
import pathlib
import tarfile
import tempfile
import threading
import time
import urllib.request

import docker

from scenarios import equal, play, scenario, until

client = docker.from_env(version="auto", timeout=30)
api = client.api
IMAGE = "busybox:latest"


def sleeper(**options):
    return client.containers.run(IMAGE, ["sleep", "100"], detach=True, **options)


@scenario
def system():
    """ping, version, info and disk usage"""
    assert client.ping()
    equal(client.version()["ApiVersion"], "1.51")
    equal(client.info()["OSType"], "linux")
    usage = client.df()
    assert any(IMAGE in (image["RepoTags"] or []) for image in usage["Images"])


@scenario
def run():
    """run answers with the output, and raises what a failed command wrote"""
    equal(client.containers.run(IMAGE, ["echo", "hello"], remove=True), b"hello\n")
    equal(client.containers.run(IMAGE, ["sh", "-c", "echo out; echo err >&2"], remove=True, stderr=True, stdout=True).split(), [b"out", b"err"])
    try:
        client.containers.run(IMAGE, ["sh", "-c", "echo wrong >&2; exit 7"], remove=True)
        raise AssertionError("no error")
    except docker.errors.ContainerError as error:
        equal((error.exit_status, error.stderr), (7, b"wrong\n"))


@scenario
def settings():
    """run with environment, user, limits, labels and mounts; inspect gives them back"""
    container = sleeper(environment={"A": "1", "B": "two words"}, user="1000", working_dir="/tmp", mem_limit="64m", nano_cpus=500_000_000, labels={"made": "here"}, hostname="inner", read_only=True, tmpfs={"/scratch": "size=1m"}, cap_drop=["ALL"], ulimits=[docker.types.Ulimit(name="nofile", soft=100, hard=200)], mounts=[docker.types.Mount("/data", "dockerpy-volume")], extra_hosts={"other": "10.1.2.3"}, dns=["9.9.9.9"])
    attrs = client.containers.get(container.id).attrs
    equal(attrs["HostConfig"]["Memory"], 64 << 20)
    equal(attrs["Config"]["Labels"], {"made": "here"})
    assert "B=two words" in attrs["Config"]["Env"]
    equal(attrs["Mounts"][0]["Destination"], "/data")
    equal(container.exec_run(["sh", "-c", "id -u; pwd; hostname; grep -c other /etc/hosts; touch /x"]).output.decode().split("\n")[:4], ["1000", "/tmp", "inner", "1"])


@scenario
def logs():
    """logs in pieces, with times, a tail and while they are written"""
    container = client.containers.run(IMAGE, ["sh", "-c", "for i in 1 2 3; do echo line $i; done; sleep 0.3; echo last"], detach=True)
    equal(b"".join(container.logs(stream=True, follow=True)), b"line 1\nline 2\nline 3\nlast\n")
    equal(container.logs(tail=1), b"last\n")
    assert container.logs(timestamps=True).startswith(b"20")
    equal(container.logs(stderr=True, stdout=False), b"")
    equal(container.wait(), {"StatusCode": 0})


@scenario
def execs():
    """exec: output, both streams apart, exit code, environment, stream, terminal, detached"""
    container = sleeper()
    equal(container.exec_run(["echo", "hi"]), (0, b"hi\n"))
    equal(container.exec_run(["sh", "-c", "echo out; echo err >&2; exit 3"], demux=True), (3, (b"out\n", b"err\n")))
    equal(container.exec_run(["sh", "-c", "echo $A; pwd; id -un"], environment={"A": "1"}, workdir="/tmp", user="user").output, b"1\n/tmp\nuser\n")
    equal(b"".join(container.exec_run(["sh", "-c", "echo a; sleep 0.1; echo b"], stream=True).output), b"a\nb\n")
    equal(container.exec_run(["tty"], tty=True).output.strip().split(b"/")[1], b"dev")
    container.exec_run(["touch", "/made"], detach=True)
    until(lambda: container.exec_run(["test", "-e", "/made"]).exit_code == 0)
    equal(container.exec_run(["nosuch"]).exit_code, 127)


@scenario
def exec_socket():
    """an exec's socket takes input and ends when the input does"""
    container = sleeper()
    identity = api.exec_create(container.id, ["cat"], stdin=True)["Id"]
    socket = api.exec_start(identity, socket=True)
    raw = socket._sock
    raw.sendall(b"through\n")
    raw.shutdown(1)
    heard = b""
    while True:
        piece = raw.recv(4096)
        if not piece:
            break
        heard += piece
    equal(heard, b"\x01\0\0\0\0\0\0\x08through\n")
    equal(api.exec_inspect(identity)["ExitCode"], 0)


@scenario
def attach():
    """attach before the start hears everything, and a socket takes input"""
    container = client.containers.create(IMAGE, ["sh", "-c", "echo out; echo err >&2"])
    heard = []
    stream = container.attach(stream=True, demux=True)
    thread = threading.Thread(target=lambda: heard.extend(stream))
    thread.start()
    container.start()
    thread.join(10)
    assert (b"out\n", None) in heard and (None, b"err\n") in heard, heard
    reader = client.containers.create(IMAGE, ["cat"], stdin_open=True, tty=False)
    socket = reader.attach_socket(params={"stdin": 1, "stdout": 1, "stream": 1})
    reader.start()
    socket._sock.sendall(b"typed\n")
    equal(socket._sock.recv(100), b"\x01\0\0\0\0\0\0\x06typed\n")
    socket._sock.close()


@scenario
def archives():
    """put_archive and get_archive carry files both ways, of a container that never ran, too"""
    for container in (sleeper(), client.containers.create(IMAGE, ["true"])):
        content = io.BytesIO()
        with tarfile.open(fileobj=content, mode="w") as archive:
            info = tarfile.TarInfo("made.txt")
            info.size, info.mode, info.uid = 5, 0o640, 1000
            archive.addfile(info, io.BytesIO(b"bytes"))
        assert container.put_archive("/tmp", content.getvalue())
        pieces, stat = container.get_archive("/tmp/made.txt")
        equal((stat["name"], stat["size"]), ("made.txt", 5))
        with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as archive:
            equal(archive.extractfile("made.txt").read(), b"bytes")
            equal(archive.getmember("made.txt").uid, 1000)
    try:
        container.get_archive("/nosuch")
        raise AssertionError("no error")
    except docker.errors.NotFound:
        pass


@scenario
def events():
    """events as they happen, and again by time and filter"""
    since = int(time.time())
    stream = client.events(decode=True, filters={"type": "container", "event": ["start", "die"]})
    container = client.containers.run(IMAGE, ["true"], detach=True, name="dockerpy-events")
    seen = []
    for event in stream:
        if event["Actor"]["Attributes"]["name"] == "dockerpy-events":
            seen.append(event["Action"])
        if "die" in seen:
            break
    stream.close()
    equal(seen, ["start", "die"])
    again = list(client.events(since=since, until=int(time.time()) + 1, decode=True, filters={"container": container.id, "event": "create"}))
    equal([event["id"] for event in again], [container.id])


@scenario
def stats():
    """stats once and as a stream"""
    container = sleeper()
    once = container.stats(stream=False)
    assert once["memory_stats"]["usage"] > 0 and once["cpu_stats"]["online_cpus"] > 0 and once["networks"]["eth0"]["rx_bytes"] >= 0
    stream = container.stats(decode=True)
    equal([next(stream)["name"], next(stream)["name"]], ["/" + container.name] * 2)
    stream.close()


@scenario
def life():
    """rename, pause, stop, start, restart, kill and remove, and the state between them"""
    container = sleeper(name="dockerpy-life")
    container.rename("dockerpy-renamed")
    container.pause()
    container.reload()
    equal((container.name, container.status), ("dockerpy-renamed", "paused"))
    container.unpause()
    container.restart(timeout=0)
    container.stop(timeout=0)
    container.reload()
    equal((container.status, container.attrs["State"]["ExitCode"]), ("exited", 137))
    container.start()
    container.kill(signal="KILL")
    equal(container.wait()["StatusCode"], 137)
    container.remove()
    equal(client.containers.list(all=True, filters={"name": "dockerpy-renamed"}), [])


@scenario
def update():
    """update changes the limits of a container that runs"""
    container = sleeper(mem_limit="64m")
    container.update(mem_limit="128m", memswap_limit="128m")
    container.reload()
    equal(container.attrs["HostConfig"]["Memory"], 128 << 20)


@scenario
def insight():
    """top, changes and export"""
    container = sleeper()
    container.exec_run(["sh", "-c", "echo new > /new; rm /etc/group"])
    equal([process[-1] for process in container.top()["Processes"]], ["sleep 100"])
    changes = {change["Path"]: change["Kind"] for change in container.diff()}
    equal((changes["/new"], changes["/etc"], changes["/etc/group"]), (1, 0, 2))
    with tarfile.open(fileobj=io.BytesIO(b"".join(container.export()))) as archive:
        equal(archive.extractfile("new").read(), b"new\n")


@scenario
def listing():
    """lists by label, name, status, ancestor and volume, with a limit"""
    first, second = sleeper(labels={"k": "1"}, name="dockerpy-one"), sleeper(labels={"k": "2"}, name="dockerpy-two")
    names = lambda **options: sorted(container.name for container in client.containers.list(**options))
    equal(names(filters={"label": "k"}), ["dockerpy-one", "dockerpy-two"])
    equal(names(filters={"label": ["k=1"]}), ["dockerpy-one"])
    equal(names(filters={"name": "dockerpy-t"}), ["dockerpy-two"])
    first.kill()
    first.wait()
    equal(names(all=True, filters={"status": "exited", "label": "k"}), ["dockerpy-one"])
    equal(names(filters={"ancestor": IMAGE}), ["dockerpy-two"])
    equal(len(client.containers.list(all=True, limit=1)), 1)
    equal(client.containers.prune(filters={"label": "k=1"})["ContainersDeleted"], [first.id])


@scenario
def ports():
    """a published port is reached, and told"""
    container = client.containers.run(IMAGE, ["sh", "-c", "echo page > /tmp/index.html; exec httpd -f -p 80 -h /tmp"], detach=True, ports={"80/tcp": ("127.0.0.1", None)})
    container.reload()
    port = container.ports["80/tcp"][0]["HostPort"]

    def page():
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/index.html", timeout=5).read()
        except OSError:
            return None

    equal(until(page), b"page\n")


@scenario
def health():
    """a health check's state is told"""
    container = sleeper(healthcheck={"test": ["CMD-SHELL", "echo probed"], "interval": 200_000_000})

    def healthy():
        container.reload()
        return container.attrs["State"]["Health"]["Status"] == "healthy"

    until(healthy)
    equal(container.attrs["State"]["Health"]["Log"][0]["Output"], "probed\n")


@scenario
def networks():
    """a network of one's own: names, aliases, connect, disconnect, remove"""
    network = client.networks.create("dockerpy-net", driver="bridge", labels={"made": "here"})
    server = client.containers.run(IMAGE, ["sh", "-c", "echo page > /tmp/index.html; exec httpd -f -p 80 -h /tmp"], detach=True, name="dockerpy-server", network="dockerpy-net")
    other = sleeper(name="dockerpy-other")
    network.connect(other, aliases=["alias"])
    until(lambda: other.exec_run(["wget", "-qO-", "http://dockerpy-server/index.html"]).output == b"page\n")
    equal(server.exec_run(["ping", "-c", "1", "-W", "2", "alias"]).exit_code, 0)
    network.reload()
    equal(sorted(container.name for container in network.containers), ["dockerpy-other", "dockerpy-server"])
    network.disconnect(other)
    equal(other.exec_run(["wget", "-T", "2", "-qO-", "http://dockerpy-server/index.html"]).exit_code, 1)
    server.remove(force=True)
    equal([found.name for found in client.networks.list(names=["dockerpy-net"])], ["dockerpy-net"])
    network.remove()
    equal(client.networks.list(names=["dockerpy-net"]), [])


@scenario
def volumes():
    """a volume outlives its containers"""
    volume = client.volumes.create("dockerpy-kept", labels={"made": "here"})
    client.containers.run(IMAGE, ["sh", "-c", "echo kept > /data/file"], remove=True, volumes={"dockerpy-kept": {"bind": "/data", "mode": "rw"}})
    equal(client.containers.run(IMAGE, ["cat", "/data/file"], remove=True, volumes={"dockerpy-kept": {"bind": "/data", "mode": "ro"}}), b"kept\n")
    assert "dockerpy-kept" in [found.name for found in client.volumes.list(filters={"label": "made=here"})]
    volume.remove()
    try:
        client.volumes.get("dockerpy-kept")
        raise AssertionError("no error")
    except docker.errors.NotFound:
        pass


@scenario
def images():
    """images: tag, save, remove, load, history, and one that is not there"""
    image = client.images.get(IMAGE)
    assert image.tag("dockerpy-image", tag="1")
    saved = b"".join(client.images.get("dockerpy-image:1").save(named="dockerpy-image:1"))
    client.images.remove("dockerpy-image:1")
    loaded = client.images.load(saved)
    equal([found.id for found in loaded], [image.id])
    assert "dockerpy-image:1" in client.images.get("dockerpy-image:1").tags
    equal(len(image.history()), 1)
    client.images.remove("dockerpy-image:1")
    try:
        client.images.get("dockerpy-image:1")
        raise AssertionError("no error")
    except docker.errors.ImageNotFound:
        pass


@scenario
def build():
    """build: context, file, arguments, target, labels, without the cache, its stream and its failure"""
    with tempfile.TemporaryDirectory() as context:
        for name, text in [("other.df", "FROM busybox AS first\nARG WORD=none\nCOPY src /src\nRUN echo $WORD > /word\nFROM first\nRUN false\n"), (".dockerignore", "**/*.log\n"), ("src/a.log", "left out"), ("src/kept", "kept")]:
            pathlib.Path(context, name).parent.mkdir(exist_ok=True)
            pathlib.Path(context, name).write_text(text)
        options = {"path": context, "dockerfile": "other.df", "tag": "dockerpy-built:1", "buildargs": {"WORD": "given"}, "labels": {"made": "here"}, "rm": True}
        image, log = client.images.build(target="first", nocache=True, **options)
        said = "".join(line.get("stream", "") for line in log)
        assert "Step 1" in said and f"Successfully built {image.short_id.removeprefix('sha256:')}" in said, said
        equal((image.tags, image.labels), (["dockerpy-built:1"], {"made": "here"}))
        equal(client.containers.run(image.id, ["sh", "-c", "cat /word; ls /src"], remove=True), b"given\nkept\n")
        again, log = client.images.build(target="first", **options)
        assert any("Using cache" in line.get("stream", "") for line in log)
        equal(again.id, image.id)
        try:
            client.images.build(**options)
            raise AssertionError("no error")
        except docker.errors.BuildError as error:
            assert "returned a non-zero code: 1" in error.msg or "exit code: 1" in error.msg, error.msg
            assert any("RUN false" in line.get("stream", "") for line in error.build_log)
    made, _ = client.images.build(fileobj=io.BytesIO(b"FROM busybox\nENV ALONE=1\n"), tag="dockerpy-alone")
    assert "ALONE=1" in made.attrs["Config"]["Env"]
    for name in ["dockerpy-built:1", "dockerpy-alone"]:
        client.images.remove(name, force=True)


@scenario
def commit():
    """commit makes an image of a container"""
    container = client.containers.run(IMAGE, ["sh", "-c", "echo new > /file"], detach=True)
    container.wait()
    made = container.commit("dockerpy-committed", tag="1", message="by hand", changes="ENV B=2")
    equal(client.containers.run("dockerpy-committed:1", ["sh", "-c", "cat /file; echo $B"], remove=True), b"new\n2\n")
    client.images.remove(made.id, force=True)


@scenario
def refusals():
    """refusals are the exceptions that docker-py has for them"""
    for act, kind in [
        (lambda: client.containers.get("nosuch"), docker.errors.NotFound),
        (lambda: client.containers.create("nosuch:1"), docker.errors.ImageNotFound),
        (lambda: sleeper(name="bad/name"), docker.errors.APIError),
        (lambda: client.networks.get("nosuch"), docker.errors.NotFound),
    ]:
        try:
            act()
            raise AssertionError(f"no {kind.__name__}")
        except kind as error:
            assert error.explanation, error
    sleeper(name="dockerpy-taken")
    try:
        sleeper(name="dockerpy-taken")
        raise AssertionError("no conflict")
    except docker.errors.APIError as error:
        equal(error.status_code, 409)
        assert "is already in use by container" in error.explanation


def tidy():
    for container in client.containers.list(all=True):
        container.remove(force=True, v=True)
    for network in client.networks.list():
        if network.name.startswith("dockerpy-"):
            network.remove()
    for volume in client.volumes.list():
        volume.remove(force=True)


play(tidy)
