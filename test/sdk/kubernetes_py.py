"""Scenarios of Debian's python3-kubernetes. Prints one JSON line for each: its name, and what went wrong."""
import http.client
import json
import logging
import os
import tempfile
import threading

from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.rest import ApiException
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.configmaplock import ConfigMapLock
from kubernetes.stream import portforward, stream

from scenarios import equal, play, scenario, until

logging.disable(logging.CRITICAL)
config.load_kube_config()
core = client.CoreV1Api()
apps = client.AppsV1Api()
batch = client.BatchV1Api()
custom = client.CustomObjectsApi()
NAMESPACE = "default"
SERVE = "mkdir -p /www; hostname > /www/index.html; exec httpd -f -p 8080 -h /www"


def refused(status, reason, act):
    try:
        act()
    except ApiException as error:
        equal((error.status, json.loads(error.body)["reason"]), (status, reason))
        return
    raise AssertionError(f"not refused: {reason}")


def config_map(name, data, **labels):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels=labels), data=data)


def container(script, **more):
    return client.V1Container(name="c", image="busybox", command=["sh", "-c", script], **more)


def running(name, script, **more):
    core.create_namespaced_pod(NAMESPACE, client.V1Pod(metadata=client.V1ObjectMeta(name=name, labels={"app": name}), spec=client.V1PodSpec(termination_grace_period_seconds=1, containers=[container(script, **more)])))
    until(lambda: any(one.type == "Ready" and one.status == "True" for one in core.read_namespaced_pod(name, NAMESPACE).status.conditions or []))


def deployment(name, replicas):
    template = client.V1PodTemplateSpec(metadata=client.V1ObjectMeta(labels={"app": name}), spec=client.V1PodSpec(termination_grace_period_seconds=1, containers=[container(SERVE)]))
    return client.V1Deployment(metadata=client.V1ObjectMeta(name=name), spec=client.V1DeploymentSpec(replicas=replicas, selector=client.V1LabelSelector(match_labels={"app": name}), template=template))


@scenario
def objects():
    """objects are made, read, listed in pages, replaced and deleted, and refusals are statuses"""
    made = core.create_namespaced_config_map(NAMESPACE, config_map("one", {"a": "1"}, set="crud"))
    refused(409, "AlreadyExists", lambda: core.create_namespaced_config_map(NAMESPACE, config_map("one", {})))
    core.create_namespaced_config_map(NAMESPACE, config_map("two", {}, set="crud"))
    first = core.list_namespaced_config_map(NAMESPACE, label_selector="set=crud", limit=1)
    rest = core.list_namespaced_config_map(NAMESPACE, label_selector="set=crud", limit=1, _continue=first.metadata._continue)
    equal([item.metadata.name for item in first.items + rest.items], ["one", "two"])
    made.data = {"a": "2"}
    core.replace_namespaced_config_map("one", NAMESPACE, made)
    refused(409, "Conflict", lambda: core.replace_namespaced_config_map("one", NAMESPACE, made))
    refused(422, "Invalid", lambda: core.create_namespaced_config_map(NAMESPACE, config_map("Not_A_Name", {})))
    core.create_namespaced_config_map(NAMESPACE, config_map("dry", {}), dry_run="All")
    refused(404, "NotFound", lambda: core.read_namespaced_config_map("dry", NAMESPACE))
    core.delete_namespaced_config_map("one", NAMESPACE)
    core.delete_collection_namespaced_config_map(NAMESPACE, label_selector="set=crud")
    equal(core.list_namespaced_config_map(NAMESPACE, label_selector="set=crud").items, [])


@scenario
def patches():
    """a dictionary is a strategic merge patch, a list of operations a JSON patch"""
    apps.create_namespaced_deployment(NAMESPACE, deployment("patched", 0))
    patched = apps.patch_namespaced_deployment("patched", NAMESPACE, {"spec": {"template": {"spec": {"containers": [{"name": "d", "image": "busybox"}]}}}})
    equal(sorted(one.name for one in patched.spec.template.spec.containers), ["c", "d"])
    patched = apps.patch_namespaced_deployment("patched", NAMESPACE, [{"op": "add", "path": "/metadata/labels", "value": {"by": "operations"}}])
    equal(patched.metadata.labels, {"by": "operations"})
    scaled = apps.patch_namespaced_deployment_scale("patched", NAMESPACE, {"spec": {"replicas": 1}})
    equal(scaled.spec.replicas, 1)
    until(lambda: apps.read_namespaced_deployment_status("patched", NAMESPACE).status.replicas == 1)
    apps.delete_namespaced_deployment("patched", NAMESPACE, propagation_policy="Foreground")
    until(lambda: not core.list_namespaced_pod(NAMESPACE, label_selector="app=patched").items)


@scenario
def watches():
    """a watch begins with what is there, goes on from a version, and ends in time"""
    core.create_namespaced_config_map(NAMESPACE, config_map("seen", {"n": "1"}, watched="yes"))
    version = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version
    told = []
    watcher = watch.Watch()
    for event in watcher.stream(core.list_namespaced_config_map, NAMESPACE, label_selector="watched=yes", timeout_seconds=30):
        told.append((event["type"], event["object"].data["n"]))
        if len(told) == 1:
            core.patch_namespaced_config_map("seen", NAMESPACE, {"data": {"n": "2"}})
        elif len(told) == 2:
            core.delete_namespaced_config_map("seen", NAMESPACE)
        else:
            watcher.stop()
    equal(told, [("ADDED", "1"), ("MODIFIED", "2"), ("DELETED", "2")])
    equal([(event["type"], event["object"].data["n"]) for event in watch.Watch().stream(core.list_namespaced_config_map, NAMESPACE, label_selector="watched=yes", resource_version=version, timeout_seconds=1)], told[1:])


@scenario
def dynamic_client():
    """the dynamic client finds every kind, applies, watches and deletes"""
    any_kind = dynamic.DynamicClient(client.ApiClient())
    maps = any_kind.resources.get(api_version="v1", kind="ConfigMap")
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "any"}, "data": {"a": "1"}}
    # This version of the client sends no dictionary as YAML.
    maps.server_side_apply(body=json.dumps(body), name="any", namespace=NAMESPACE, field_manager="one")
    try:
        maps.server_side_apply(body=json.dumps({**body, "data": {"a": "2"}}), name="any", namespace=NAMESPACE, field_manager="two")
        raise AssertionError("not refused")
    except dynamic.exceptions.ConflictError as error:
        assert "conflict with" in json.loads(error.body)["message"], error.body
    maps.server_side_apply(body=json.dumps({**body, "data": {"a": "2"}}), name="any", namespace=NAMESPACE, field_manager="two", force_conflicts=True)
    equal(maps.get(name="any", namespace=NAMESPACE).data.a, "2")
    maps.patch(body={"data": {"b": "3"}}, name="any", namespace=NAMESPACE, content_type="application/merge-patch+json")
    for event in maps.watch(namespace=NAMESPACE, field_selector="metadata.name=any", timeout=5):
        equal((event["type"], event["object"].data.b), ("ADDED", "3"))
        break
    maps.delete(name="any", namespace=NAMESPACE)
    equal(any_kind.resources.get(api_version="apps/v1", kind="Deployment").namespaced, True)
    equal(any_kind.resources.get(api_version="policy/v1", kind="PodDisruptionBudget").name, "poddisruptionbudgets")
    any_kind.version["kubernetes"]["gitVersion"].index("v1.36.")


@scenario
def from_yaml():
    """files are created, each document of them, and what can't be is told"""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write("apiVersion: v1\nkind: Namespace\nmetadata: {name: written}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: written}\nspec: {selector: {app: s}, ports: [{port: 80}]}\n---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c, namespace: written}\nspec: {schedule: '0 0 1 1 *', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: busybox}]}}}}}\n")
        file.flush()
        utils.create_from_yaml(client.ApiClient(), file.name)
        equal(core.read_namespaced_service("s", "written").spec.ports[0].target_port, 80)
        equal(batch.read_namespaced_cron_job("c", "written").spec.concurrency_policy, "Allow")
        try:
            utils.create_from_yaml(client.ApiClient(), file.name)
            raise AssertionError("not refused")
        except utils.FailToCreateError as error:
            equal([one.status for one in error.api_exceptions], [409, 409, 409])
    core.delete_namespace("written")
    until(lambda: "written" not in [one.metadata.name for one in core.list_namespace().items])


@scenario
def custom_objects():
    """a kind of the user's own: made, refused, patched, its status, listed and gone"""
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer", "minimum": 1}}}, "status": {"type": "object", "properties": {"seen": {"type": "integer"}}}}}
    definitions = client.ApiextensionsV1Api()
    definitions.create_custom_resource_definition({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "valves.example.org"}, "spec": {"group": "example.org", "scope": "Namespaced", "names": {"plural": "valves", "kind": "Valve"}, "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}, "subresources": {"status": {}}}]}})
    until(lambda: any(one.type == "Established" and one.status == "True" for one in definitions.read_custom_resource_definition("valves.example.org").status.conditions or []))
    of = ("example.org", "v1", NAMESPACE, "valves")
    body = {"apiVersion": "example.org/v1", "kind": "Valve", "metadata": {"name": "v"}, "spec": {"size": 2}}
    custom.create_namespaced_custom_object(*of, body)
    refused(422, "Invalid", lambda: custom.create_namespaced_custom_object(*of, {**body, "metadata": {"name": "w"}, "spec": {"size": 0}}))
    equal(custom.patch_namespaced_custom_object(*of, "v", {"spec": {"size": 3}})["spec"], {"size": 3})
    equal(custom.patch_namespaced_custom_object_status(*of, "v", {"status": {"seen": 3}})["status"], {"seen": 3})
    equal([one["metadata"]["name"] for one in custom.list_namespaced_custom_object(*of)["items"]], ["v"])
    custom.delete_namespaced_custom_object(*of, "v")
    definitions.delete_custom_resource_definition("valves.example.org")


@scenario
def execs():
    """exec has both streams, input, an exit code, and a terminal"""
    running("shell", "while read line; do echo heard $line; done", stdin=True)
    run = lambda *command, **more: stream(core.connect_get_namespaced_pod_exec, "shell", NAMESPACE, command=list(command), stdin=more.pop("stdin", False), stdout=True, stderr=True, tty=more.pop("tty", False), **more)
    equal(run("sh", "-c", "echo out; echo err >&2"), "out\nerr\n")
    session = run("sh", stdin=True, _preload_content=False)
    session.write_stdin("echo to me; echo to you >&2; exit 3\n")
    session.run_forever(timeout=20)
    equal((session.read_stdout(timeout=1), session.read_stderr(timeout=1), session.returncode), ("to me\n", "to you\n", 3))
    assert run("tty", tty=True).startswith("/dev/pts/")
    attached = stream(core.connect_get_namespaced_pod_attach, "shell", NAMESPACE, stdin=True, stdout=True, stderr=False, tty=False, _preload_content=False)
    attached.write_stdin("me\n")
    until(lambda: "heard me" in attached.read_stdout(timeout=100))
    attached.close()


@scenario
def logs():
    """logs come whole, from the end, followed line by line, and of the run before"""
    name = "speaks"
    volume = client.V1Volume(name="data", empty_dir=client.V1EmptyDirVolumeSource())
    script = "if [ ! -e /data/ran ]; then touch /data/ran; echo first; exit 1; fi; for i in 1 2 3; do echo line $i; done; sleep 1; echo last"
    core.create_namespaced_pod(NAMESPACE, client.V1Pod(metadata=client.V1ObjectMeta(name=name), spec=client.V1PodSpec(restart_policy="OnFailure", volumes=[volume], containers=[container(script, volume_mounts=[client.V1VolumeMount(name="data", mount_path="/data")])])))
    until(lambda: (core.read_namespaced_pod(name, NAMESPACE).status.container_statuses or [client.V1ContainerStatus(image="", image_id="", name="", ready=False, restart_count=0)])[0].restart_count == 1)
    lines = ["line 1", "line 2", "line 3", "last"]
    equal(list(watch.Watch().stream(core.read_namespaced_pod_log, name, NAMESPACE)), lines)
    equal(core.read_namespaced_pod_log(name, NAMESPACE).split("\n"), lines + [""])
    equal(core.read_namespaced_pod_log(name, NAMESPACE, tail_lines=1), "last\n")
    equal(core.read_namespaced_pod_log(name, NAMESPACE, previous=True), "first\n")
    equal(core.read_namespaced_pod_log(name, NAMESPACE, limit_bytes=6), "line 1")


@scenario
def forwards():
    """a forwarded port is a socket, and one where nobody listens tells why"""
    running("serves", SERVE, readiness_probe=client.V1Probe(period_seconds=1, tcp_socket=client.V1TCPSocketAction(port=8080)))
    forward = portforward(core.connect_get_namespaced_pod_portforward, "serves", NAMESPACE, ports="8080,81")
    connection = http.client.HTTPConnection("pod")
    connection.sock = forward.socket(8080)
    connection.request("GET", "/")
    equal(connection.getresponse().read(), b"serves\n")
    until(lambda: forward.error(81))
    assert "refused" in forward.error(81), forward.error(81)
    forward.close()


@scenario
def jobs():
    """a job runs to its end, and its pods go with it"""
    template = client.V1PodTemplateSpec(spec=client.V1PodSpec(restart_policy="Never", containers=[container("echo done")]))
    batch.create_namespaced_job(NAMESPACE, client.V1Job(metadata=client.V1ObjectMeta(name="once"), spec=client.V1JobSpec(template=template)))
    until(lambda: batch.read_namespaced_job_status("once", NAMESPACE).status.succeeded == 1)
    batch.delete_namespaced_job("once", NAMESPACE, propagation_policy="Background")
    until(lambda: not core.list_namespaced_pod(NAMESPACE, label_selector="job-name=once").items)


@scenario
def elections():
    """of two candidates one leads, and the other when the first is gone"""
    leaders = []
    stopping = threading.Event()

    def stand(identity):
        lock = ConfigMapLock("election", NAMESPACE, identity)
        real_update = lock.update
        lock.update = lambda *args: False if stopping.is_set() and identity == leaders[0] else real_update(*args)
        settings = electionconfig.Config(lock, lease_duration=3, renew_deadline=2, retry_period=1, onstarted_leading=lambda: leaders.append(identity), onstopped_leading=lambda: None)
        threading.Thread(target=leaderelection.LeaderElection(settings).run, daemon=True).start()

    for identity in ("one", "two"):
        stand(identity)
    until(lambda: leaders)
    stopping.set()
    until(lambda: len(leaders) == 2)
    equal(sorted(leaders), ["one", "two"])
    record = core.read_namespaced_config_map("election", NAMESPACE).metadata.annotations["control-plane.alpha.kubernetes.io/leader"]
    equal(json.loads(record)["holderIdentity"], leaders[1])


@scenario
def rights():
    """a service account may what its role says, with a token of its own"""
    core.create_namespaced_service_account(NAMESPACE, client.V1ServiceAccount(metadata=client.V1ObjectMeta(name="robot")))
    client.RbacAuthorizationV1Api().create_namespaced_role_binding(NAMESPACE, {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "robot"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}, "subjects": [{"kind": "ServiceAccount", "name": "robot", "namespace": NAMESPACE}]})
    token = core.create_namespaced_service_account_token("robot", NAMESPACE, {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": [], "expirationSeconds": 600}}).status.token
    admin = client.Configuration.get_default_copy()
    settings = client.Configuration(host=admin.host, api_key={"authorization": f"Bearer {token}"})
    settings.ssl_ca_cert = admin.ssl_ca_cert
    robot = client.CoreV1Api(client.ApiClient(settings))
    robot.list_namespaced_pod(NAMESPACE)
    refused(403, "Forbidden", lambda: robot.list_namespaced_secret(NAMESPACE))


play(lambda: core.delete_collection_namespaced_pod(NAMESPACE, grace_period_seconds=0))
# Candidates still wait for their turn.
os._exit(0)
