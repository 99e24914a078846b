#!/usr/bin/python3
"""The scenario of SCENARIO.md through `buf curl`, which knows only the address.

usage: buf_client.py COMMAND...    where the command runs buf, as `node buf`
"""

import base64
import json
import os
import subprocess
import sys
import uuid

from stubs import RPC, generate, load

generate(RPC, ["error_details.proto"])
error_details = load("error_details")[0]

CODES = {
    "deadline_exceeded": 4,
    "invalid_argument": 3,
    "not_found": 5,
    "resource_exhausted": 8,
    "failed_precondition": 9,
    "aborted": 10,
}
MESSAGE_SIZE_MAX = 4 << 20
CALL_SECONDS_MAX = 60
FIRST_EMAIL = {"type": "email", "value": "Noura@Example.org"}
WHATSAPP = {"type": "whatsapp", "value": "966545462356"}


def step(number):
    print("step %d" % number, flush=True)


def expect(holds, what):
    if not holds:
        raise AssertionError(what)


def expect_equal(got, wanted):
    expect(got == wanted, "got %r, wanted %r" % (got, wanted))


def documents(text):
    """JSON documents, one behind the other."""
    decoder = json.JSONDecoder()
    found = []
    while text.strip():
        text = text.lstrip()
        document, end = decoder.raw_decode(text)
        found.append(document)
        text = text[end:]
    return found


def buf(*arguments, data=None):
    command = sys.argv[1:] + ["curl", "--protocol", "grpc", "--http2-prior-knowledge"]
    return subprocess.run(
        command + list(arguments),
        input=data,
        stdin=subprocess.DEVNULL if data is None else None,
        capture_output=True,
        text=True,
        timeout=CALL_SECONDS_MAX,
        check=False,
    )


def run(method, messages, *options):
    """The messages that come, and what went wrong: None, or buf's JSON of it."""
    url = "http://%s/%s" % (os.environ["PROFILED_ADDRESS"], method)
    data = "\n".join(json.dumps(message) for message in messages)
    done = buf(*options, "-d", "@-", url, data=data)
    if done.returncode == 0:
        return documents(done.stdout), None
    expect(done.stderr.lstrip().startswith("{"), done.stderr)
    error = json.loads(done.stderr)
    expect_equal(done.returncode, CODES[error["code"]] * 8)
    return documents(done.stdout), error


def call(method, message, *options):
    answers, error = run("profiled.v1." + method, [message], *options)
    expect(error is None, error)
    expect_equal(len(answers), 1)
    return answers[0]


def refused(method, message, code, reason, *options):
    """What the details of a call that must not succeed tell: the ErrorInfo, and the bad fields."""
    answers, error = run("profiled.v1." + method, [message], *options)
    expect(error is not None, "the call was not refused")
    expect_equal(answers, [])
    info = error_details.ErrorInfo()
    request = error_details.BadRequest()
    for detail in error.get("details", []):
        value = base64.b64decode(detail["value"] + "==")
        if detail["type"] == "google.rpc.ErrorInfo":
            info.ParseFromString(value)
        elif detail["type"] == "google.rpc.BadRequest":
            request.ParseFromString(value)
    expect_equal((error["code"], info.reason), (code, reason))
    expect_equal(info.domain, "profiled" if reason else "")
    return info, sorted(violation.field for violation in request.field_violations)


def companions():
    step(1)
    answers, error = run("grpc.health.v1.Health/Check", [{}])
    expect_equal((answers, error), ([{"status": "SERVING"}], None))
    step(2)
    base = "http://" + os.environ["PROFILED_ADDRESS"]
    for protocol in ("grpc-v1", "grpc-v1alpha"):
        done = buf("--list-services", "--reflect-protocol", protocol, base)
        wanted = ["profiled.v1.%sService" % name for name in
                  ("Change", "Identity", "Interaction", "Profile", "Schema", "Segment",
                   "Transfer")]
        wanted += ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                   "grpc.reflection.v1alpha.ServerReflection"]
        expect_equal(sorted(done.stdout.split()), sorted(wanted))


def create():
    step(3)
    wanted = {"name": "نورة السالم", "identities": [FIRST_EMAIL],
              "attributes": {"city": {"text": "الرياض"}}}
    request = {"profile": wanted, "requestId": str(uuid.uuid4())}
    first = call("ProfileService/CreateProfile", request)["profile"]
    expect_equal(first["name"], "نورة السالم")
    expect_equal(first["identities"][0]["canonicalValue"], "noura@example.org")
    expect_equal(first["attributes"]["city"]["text"], "الرياض")
    expect(len(first["id"]) == 36 and first["etag"], "an id and an etag")
    step(4)
    expect_equal(call("ProfileService/CreateProfile", request)["profile"], first)
    listed = call("ProfileService/ListProfiles", {})["profiles"]
    expect_equal([each["id"] for each in listed], [first["id"]])
    step(5)
    wanted["name"] = "نورة"
    refused("ProfileService/CreateProfile", request, "invalid_argument", "REQUEST_ID_REUSED")
    return first


def refuse(first):
    step(6)
    taken = {"profile": {"name": "Somebody Else", "identities": [FIRST_EMAIL]}}
    info, _ = refused("ProfileService/CreateProfile", taken, "failed_precondition",
                      "IDENTITY_CONFLICT")
    expect_equal(info.metadata["owner_id"], first["id"])
    step(7)
    bad = {"identities": [{"type": "email", "value": "not an address"}],
           "attributes": {"birth_date": {"text": "2001-02-30"}}}
    _, fields = refused("ProfileService/CreateProfile", {"profile": bad}, "invalid_argument",
                        "FIELD_INVALID")
    expect_equal(fields,
                 ["profile.attributes.birth_date", "profile.identities[0].value", "profile.name"])


def resolve_record(*identities):
    request = {"record": {"identities": list(identities)}}
    return call("IdentityService/ResolveProfile", request)["decision"]


def resolve():
    step(8)
    decisions = [
        resolve_record({"type": "phone", "value": "٠٥٤٥٤٦٢٣٥٦", "region": "SA"}),
        resolve_record({"type": "phone", "value": "545462356", "region": "SA"}),
        resolve_record({"type": "phone", "value": "+966 54 546 2356"}),
        resolve_record(WHATSAPP),
    ]
    expect_equal([decision["outcome"] for decision in decisions],
                 ["OUTCOME_CREATED"] + 3 * ["OUTCOME_LINKED"])
    expect_equal(len({decision["profileId"] for decision in decisions}), 1)
    return decisions[0]["profileId"]


def merge(first, phone_id):
    step(9)
    decision = resolve_record(FIRST_EMAIL, {"type": "phone", "value": "+966545462356"})
    expect_equal(decision["outcome"], "OUTCOME_MERGED")
    expect_equal((decision["profileId"], decision["mergedIds"]), (first["id"], [phone_id]))
    step(10)
    answer = call("ProfileService/GetProfile", {"id": phone_id})
    expect_equal(answer["redirectedFromId"], phone_id)
    expect_equal(answer["profile"]["id"], first["id"])
    expect_equal(answer["profile"]["mergedIds"], [phone_id])
    expect_equal({each["type"] for each in answer["profile"]["identities"]},
                 {"email", "phone", "whatsapp"})
    return answer["profile"]


def update(first):
    step(11)
    change = {"id": first["id"], "etag": first["etag"], "attributes": {"city": {"text": "جدة"}}}
    request = {"profile": change, "updateMask": "attributes.city"}
    changed = call("ProfileService/UpdateProfile", request)["profile"]
    expect_equal(changed["attributes"]["city"]["text"], "جدة")
    expect_equal(changed["name"], first["name"])
    expect(changed["etag"] != first["etag"], "a new etag")
    refused("ProfileService/UpdateProfile", request, "aborted", "ETAG_MISMATCH")


def record(event_id):
    interaction = {"source": "chat", "eventId": event_id,
                   "engagement": {"channel": "whatsapp", "text": "أين طلبي؟"}}
    request = {"interaction": interaction, "record": {"identities": [WHATSAPP]}}
    return call("InteractionService/RecordInteraction", {"interactionRecord": request})


def interact(first):
    step(12)
    once, twice = record("event-1"), record("event-1")
    expect_equal(once["profileId"], first["id"])
    expect_equal((once.get("repeatedEvent"), twice.get("repeatedEvent")), (None, True))
    expect_equal(twice["interactionId"], once["interactionId"])
    request = {"profileId": first["id"], "pageSize": 2}
    page = call("InteractionService/ListInteractions", request)
    expect_equal(len(page["interactions"]), 1)
    step(13)
    wanted = [once["interactionId"]]
    wanted += [record("event-%d" % number)["interactionId"] for number in (2, 3, 4)]
    page = call("InteractionService/ListInteractions", request)
    request["pageToken"] = page["nextPageToken"]
    last = call("InteractionService/ListInteractions", request)
    expect("nextPageToken" not in last, "the last page has no token")
    got = [each["id"] for each in page["interactions"] + last["interactions"]]
    expect_equal((len(page["interactions"]), sorted(got)), (2, sorted(wanted)))
    expect_equal(last["interactions"][0]["engagement"]["text"], "أين طلبي؟")


def list_pages(first):
    step(14)
    second = call("ProfileService/CreateProfile", {"profile": {"name": "Second Person"}})["profile"]
    got = []
    request = {"pageSize": 1}
    while not got or request["pageToken"]:
        page = call("ProfileService/ListProfiles", request)
        got += [each["id"] for each in page.get("profiles", [])]
        request["pageToken"] = page.get("nextPageToken", "")
    expect_equal(got, [first["id"], second["id"]])


def import_batch(*rows):
    def record_of(row):
        value = "no address" if row == 5 else "row%d@example.org" % row
        return {"row": row, "record": {"identities": [{"type": "email", "value": value}]}}

    return {"batch": {"rows": [record_of(row) for row in rows]}}


def bring_in():
    step(15)
    header = {"header": {"importId": "first", "source": "crm"}}
    method = "profiled.v1.TransferService/ImportProfiles"
    answers, error = run(method, [header, import_batch(1, 2, 3), import_batch(4, 5, 6)])
    expect(error is None, error)
    expect_equal([list(each) for each in answers], [["started"], ["ack"], ["ack"]])
    expect_equal(answers[0]["started"].get("durableRow"), None)
    expect_equal([each["ack"]["durableRow"] for each in answers[1:]], ["3", "6"])
    verdicts = [verdict for each in answers[1:] for verdict in each["ack"]["verdicts"]]
    created = "IMPORT_OUTCOME_CREATED"
    expect_equal([verdict["outcome"] for verdict in verdicts],
                 4 * [created] + ["IMPORT_OUTCOME_FAILED", created])
    expect_equal([each["field"] for each in verdicts[4]["errors"]], ["identities[0].value"])
    counts = answers[2]["ack"]["counts"]
    expect_equal(counts, {"created": "5", "failed": "1"})
    step(16)
    answers, error = run(method, [header])
    expect_equal((answers, error), ([{"started": {"durableRow": "6", "counts": counts}}], None))


def end_early():
    step(18)
    answers, error = run("grpc.health.v1.Health/Watch", [{}], "--timeout", "1s")
    expect_equal(answers, [{"status": "SERVING"}])
    expect_equal(error["code"], "deadline_exceeded")


def fail():
    step(20)
    missing = {"id": str(uuid.uuid4())}
    refused("ProfileService/GetProfile", missing, "not_found", "PROFILE_NOT_FOUND")
    _, fields = refused("ProfileService/GetProfile", {"id": "1"}, "invalid_argument",
                        "FIELD_INVALID")
    expect_equal(fields, ["id"])
    step(21)
    refused("ProfileService/GetProfile", missing, "not_found", "WORKSPACE_NOT_FOUND",
            "-H", "profiled-workspace: nowhere")
    step(22)
    large = {"name": "Large", "attributes": {"about": {"text": "x" * MESSAGE_SIZE_MAX}}}
    refused("ProfileService/CreateProfile", {"profile": large}, "resource_exhausted", "")
    refused("ProfileService/GetProfile", missing, "not_found", "PROFILE_NOT_FOUND")


def stream_batch(*sequences):
    def interaction_of(sequence):
        channel = "No Channel" if sequence == 4 else "email"
        engagement = {"channel": channel, "text": "number %d" % sequence}
        identity = {"type": "email", "value": "streamed@example.org"}
        return {"sequence": sequence,
                "interactionRecord": {"interaction": {"engagement": engagement},
                                      "record": {"identities": [identity]}}}

    return {"batch": {"interactions": [interaction_of(sequence) for sequence in sequences]}}


def stream():
    step(24)
    header = {"header": {"streamId": "bus", "source": "bus"}}
    method = "profiled.v1.InteractionService/StreamInteractions"
    batches = [stream_batch(1, 2), stream_batch(3, 4), stream_batch(5, 6)]
    answers, error = run(method, [header] + batches)
    expect(error is None, error)
    expect_equal([list(each) for each in answers], [["started"]] + 3 * [["ack"]])
    expect_equal([each["ack"]["durableSequence"] for each in answers[1:]], ["2", "4", "6"])
    verdicts = [verdict for each in answers[1:] for verdict in each["ack"]["verdicts"]]
    fields = [[error["field"] for error in each["verdict"].get("errors", [])] for each in verdicts]
    expect_equal(fields, 3 * [[]] + [["interaction.engagement.channel"]] + 2 * [[]])
    counts = answers[3]["ack"]["counts"]
    expect_equal(counts, {"recorded": "5", "failed": "1", "profilesCreated": "1",
                          "profilesLinked": "4"})
    step(25)
    answers, error = run(method, [header, stream_batch(5, 6, 7)])
    expect(error is None, error)
    expect_equal(answers[0], {"started": {"durableSequence": "6", "counts": counts}})
    verdicts = answers[1]["ack"]["verdicts"]
    expect_equal([each.get("skipped", False) for each in verdicts], [True, True, False])
    profile_id = verdicts[2]["verdict"]["recorded"]["profileId"]
    page = call("InteractionService/ListInteractions", {"profileId": profile_id})
    expect_equal(len(page["interactions"]), 6)
    step(26)
    other = {"header": {"streamId": "bus", "source": "other"}}
    _, error = run(method, [other])
    expect_equal(error["code"], "failed_precondition")


def define():
    step(27)
    visits = {"name": "visits", "type": "ATTRIBUTE_TYPE_NUMBER", "bounds": {"max": "10"}}
    made = call("SchemaService/CreateAttribute", {"attribute": visits})["attribute"]
    expect(made["indexed"], "it can be filtered by")
    tags = {"name": "tags", "type": "ATTRIBUTE_TYPE_STRING", "maxValues": 3}
    call("SchemaService/CreateAttribute", {"attribute": tags})
    items = [{"text": "north"}, {"text": "new"}]
    told = {"name": "Huda", "attributes": {"visits": {"number": 3.5}, "tags": {"list": {"items": items}}}}
    profile = call("ProfileService/CreateProfile", {"profile": told})["profile"]
    expect_equal(profile["attributes"]["visits"]["number"], 3.5)
    expect_equal(profile["attributes"]["tags"]["list"]["items"], items)
    found = {"filter": "attributes.tags = new AND attributes.visits = \"3.5\""}
    profiles = call("ProfileService/ListProfiles", found)["profiles"]
    expect_equal([each["id"] for each in profiles], [profile["id"]])
    told["attributes"]["visits"]["number"] = 11
    _, fields = refused("ProfileService/CreateProfile", {"profile": told}, "invalid_argument",
                        "FIELD_INVALID")
    expect_equal(fields, ["profile.attributes.visits"])


def message_about(theme):
    engagement = {"channel": "line", "theme": theme}
    identities = [{"type": "whatsapp", "value": "+966545462399"}]
    return {"interactionRecord": {"interaction": {"source": "chat", "engagement": engagement},
                                  "record": {"identities": identities}}}


def classify():
    step(28)
    told = {"name": "complaint", "labels": {"ar": "شكوى"}}
    made = call("SchemaService/CreateTheme", {"theme": told})["theme"]
    expect_equal(made["labels"], {"ar": "شكوى"})
    first = call("InteractionService/RecordInteraction", message_about("شكوى"))
    answers = [{"questionId": "recommend", "nps": 9},
               {"questionId": "phone", "phone": {"number": "545462399", "country": "SA"}}]
    survey = {"source": "survey", "surveyResponse": {"surveyId": "satisfaction", "answers": answers}}
    second = call("InteractionService/RecordInteraction",
                  {"interactionRecord": {"interaction": survey}})
    expect_equal(second["profileId"], first["profileId"])
    page = call("InteractionService/ListInteractions",
                {"profileId": first["profileId"], "filter": {"channel": "line"}})
    expect_equal([each["engagement"]["theme"] for each in page["interactions"]], ["complaint"])
    step(29)
    _, fields = refused("InteractionService/RecordInteraction", message_about("praise"),
                        "invalid_argument", "FIELD_INVALID")
    expect_equal(fields, ["interaction_record.interaction.engagement.theme"])
    step(30)
    answers, error = run("profiled.v1.InteractionService/AnalyzeInteractions",
                         [{"groupBy": ["INTERACTION_DIMENSION_THEME"], "countProfiles": True,
                           "filter": {"channel": "line"}}])
    expect(error is None, error)
    expect_equal(answers[-1]["groups"],
                 [{"labels": ["complaint"], "count": "1", "profileCount": "1"}])
    answers, error = run("profiled.v1.InteractionService/AnalyzeSurvey",
                         [{"surveyId": "satisfaction"}])
    expect(error is None, error)
    scores = {each["questionId"]: each.get("nps") for each in answers[-1]["questions"]}
    expect_equal(scores["recommend"]["score"], 100)


def main():
    companions()
    first = create()
    refuse(first)
    first = merge(first, resolve())
    update(first)
    interact(first)
    list_pages(first)
    bring_in()
    end_early()
    fail()
    stream()
    define()
    classify()
    print("done")


if __name__ == "__main__":
    main()
