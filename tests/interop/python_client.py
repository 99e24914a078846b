#!/usr/bin/python3
"""The scenario of SCENARIO.md through grpcio: over TCP, and the unary calls over the socket too."""

import glob
import os
import threading
import uuid

import grpc

from stubs import HEALTH, REFLECTION, RPC, generate, load

MESSAGE_SIZE_MAX = 4 << 20
CALL_SECONDS_MAX = 20

generate("proto", sorted(glob.glob("profiled/v1/*.proto", root_dir="proto")))
generate(HEALTH, ["health.proto"])
generate(REFLECTION, ["reflection.proto"])
generate(RPC, ["status.proto", "error_details.proto"])

identity = load("profiled.v1.identity")[0]
interaction = load("profiled.v1.interaction")[0]
profile = load("profiled.v1.profile")[0]
schema = load("profiled.v1.schema")[0]
theme = load("profiled.v1.theme")[0]
analysis = load("profiled.v1.analysis")[0]
schema_service, schema_stubs = load("profiled.v1.schema_service")
profile_service, profile_stubs = load("profiled.v1.profile_service")
identity_service, identity_stubs = load("profiled.v1.identity_service")
interaction_service, interaction_stubs = load("profiled.v1.interaction_service")
transfer_service, transfer_stubs = load("profiled.v1.transfer_service")
health, health_stubs = load("health")
reflection, reflection_stubs = load("reflection")
rpc_status = load("status")[0]
error_details = load("error_details")[0]


def step(number):
    print("step %d" % number, flush=True)


def expect(holds, what):
    if not holds:
        raise AssertionError(what)


def expect_equal(got, wanted):
    expect(got == wanted, "got %r, wanted %r" % (got, wanted))


class Refusal:
    """A failed call: its code, and what the details say."""

    def __init__(self, error):
        self.code = error.code()
        self.reason = self.domain = ""
        self.metadata = {}
        self.fields = []
        trailers = dict(error.trailing_metadata() or ())
        status = rpc_status.Status.FromString(trailers.get("grpc-status-details-bin", b""))
        if status.details:
            expect_equal(status.code, self.code.value[0])
            expect_equal(status.message, error.details())
        for detail in status.details:
            info = error_details.ErrorInfo()
            request = error_details.BadRequest()
            if detail.Unpack(info):
                self.reason, self.domain = info.reason, info.domain
                self.metadata = dict(info.metadata)
            if detail.Unpack(request):
                self.fields = [violation.field for violation in request.field_violations]


def refused(call, *arguments, **options):
    """The refusal of a call that must not succeed; of a stream, wherever it comes."""
    try:
        answer = call(*arguments, timeout=CALL_SECONDS_MAX, **options)
        if isinstance(answer, grpc.Call):
            list(answer)
    except grpc.RpcError as error:
        return Refusal(error)
    raise AssertionError("the call was not refused")


def expect_refusal(refusal, code, reason):
    expect_equal((refusal.code, refusal.reason), (code, reason))
    if reason:
        expect_equal(refusal.domain, "profiled")


def email(value):
    return identity.Identity(type="email", value=value)


def phone(value, region=""):
    return identity.Identity(type="phone", value=value, region=region)


def attribute(text):
    return profile.AttributeValue(text=text)


class Scenario:
    def __init__(self, channel):
        self.channel = channel
        self.profiles = profile_stubs.ProfileServiceStub(channel)
        self.identities = identity_stubs.IdentityServiceStub(channel)
        self.interactions = interaction_stubs.InteractionServiceStub(channel)
        self.transfer = transfer_stubs.TransferServiceStub(channel)
        self.schemas = schema_stubs.SchemaServiceStub(channel)
        self.health = health_stubs.HealthStub(channel)
        self.first = None
        self.phone_id = None

    def run(self):
        self.companions()
        self.create()
        self.refuse()
        self.resolve()
        self.merge()
        self.update()
        self.interact()
        self.list()
        self.bring_in()
        self.bring_in_half()
        self.end_early()
        self.fail()
        self.stream()
        self.define()
        self.classify()

    def companions(self):
        step(1)
        serving = health.HealthCheckResponse.SERVING
        expect_equal(self.health.Check(health.HealthCheckRequest()).status, serving)
        watch = self.health.Watch(health.HealthCheckRequest())
        expect_equal(next(watch).status, serving)
        expect(watch.is_active(), "the watch stays open")
        watch.cancel()
        step(2)
        stub = reflection_stubs.ServerReflectionStub(self.channel)
        request = reflection.ServerReflectionRequest(list_services="")
        answer = next(stub.ServerReflectionInfo(iter([request])))
        names = {service.name for service in answer.list_services_response.service}
        wanted = {"profiled.v1.%sService" % name for name in
                  ("Change", "Profile", "Identity", "Interaction", "Schema", "Segment",
                   "Transfer")}
        wanted |= {"grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                   "grpc.reflection.v1alpha.ServerReflection"}
        expect_equal(names, wanted)

    def create(self):
        step(3)
        wanted = profile.Profile(name="نورة السالم", identities=[email("Noura@Example.org")])
        wanted.attributes["city"].text = "الرياض"
        request = profile_service.CreateProfileRequest(profile=wanted, request_id=str(uuid.uuid4()))
        self.first = self.profiles.CreateProfile(request).profile
        expect_equal(self.first.name, "نورة السالم")
        expect_equal(self.first.identities[0].canonical_value, "noura@example.org")
        expect_equal(self.first.attributes["city"].text, "الرياض")
        expect(len(self.first.id) == 36 and self.first.etag, "an id and an etag")
        step(4)
        expect_equal(self.profiles.CreateProfile(request).profile, self.first)
        listed = self.profiles.ListProfiles(profile_service.ListProfilesRequest()).profiles
        expect_equal([each.id for each in listed], [self.first.id])
        step(5)
        request.profile.name = "نورة"
        expect_refusal(refused(self.profiles.CreateProfile, request),
                       grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_ID_REUSED")

    def refuse(self):
        step(6)
        taken = profile.Profile(name="Somebody Else", identities=[email("noura@example.org")])
        refusal = refused(self.profiles.CreateProfile,
                          profile_service.CreateProfileRequest(profile=taken))
        expect_refusal(refusal, grpc.StatusCode.FAILED_PRECONDITION, "IDENTITY_CONFLICT")
        expect_equal(refusal.metadata["owner_id"], self.first.id)
        step(7)
        bad = profile.Profile(identities=[email("not an address")])
        bad.attributes["birth_date"].text = "2001-02-30"
        refusal = refused(self.profiles.CreateProfile,
                          profile_service.CreateProfileRequest(profile=bad))
        expect_refusal(refusal, grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
        expect_equal(sorted(refusal.fields),
                     ["profile.attributes.birth_date", "profile.identities[0].value",
                      "profile.name"])

    def resolve_record(self, **fields):
        request = identity_service.ResolveProfileRequest(record=identity.Record(**fields))
        return self.identities.ResolveProfile(request).decision

    def resolve(self):
        step(8)
        whatsapp = identity.Identity(type="whatsapp", value="966545462356")
        forms = [phone("٠٥٤٥٤٦٢٣٥٦", "SA"), phone("545462356", "SA"), phone("+966 54 546 2356"),
                 whatsapp]
        decisions = [self.resolve_record(identities=[form]) for form in forms]
        expect_equal([decision.outcome for decision in decisions],
                     [identity.OUTCOME_CREATED] + 3 * [identity.OUTCOME_LINKED])
        expect_equal(len({decision.profile_id for decision in decisions}), 1)
        self.phone_id = decisions[0].profile_id

    def merge(self):
        step(9)
        decision = self.resolve_record(
            identities=[email("NOURA@example.org"), phone("+966545462356")])
        expect_equal(decision.outcome, identity.OUTCOME_MERGED)
        expect_equal(decision.profile_id, self.first.id)
        expect_equal(list(decision.merged_ids), [self.phone_id])
        step(10)
        answer = self.profiles.GetProfile(profile_service.GetProfileRequest(id=self.phone_id))
        expect_equal(answer.redirected_from_id, self.phone_id)
        expect_equal(answer.profile.id, self.first.id)
        expect_equal(list(answer.profile.merged_ids), [self.phone_id])
        expect_equal({each.type for each in answer.profile.identities},
                     {"email", "phone", "whatsapp"})
        self.first = answer.profile

    def update(self):
        step(11)
        change = profile.Profile(id=self.first.id, etag=self.first.etag)
        change.attributes["city"].text = "جدة"
        request = profile_service.UpdateProfileRequest(profile=change)
        request.update_mask.paths.append("attributes.city")
        changed = self.profiles.UpdateProfile(request).profile
        expect_equal(changed.attributes["city"].text, "جدة")
        expect_equal(changed.name, self.first.name)
        expect(changed.etag != self.first.etag, "a new etag")
        expect_refusal(refused(self.profiles.UpdateProfile, request),
                       grpc.StatusCode.ABORTED, "ETAG_MISMATCH")

    def record(self, event_id):
        event = interaction.Interaction(source="chat", event_id=event_id)
        event.engagement.channel = "whatsapp"
        event.engagement.text = "أين طلبي؟"
        record = interaction_service.InteractionRecord(interaction=event)
        record.record.identities.add(type="whatsapp", value="966545462356")
        return self.interactions.RecordInteraction(
            interaction_service.RecordInteractionRequest(interaction_record=record))

    def interact(self):
        step(12)
        once, twice = self.record("event-1"), self.record("event-1")
        expect_equal(once.profile_id, self.first.id)
        expect_equal((once.repeated_event, twice.repeated_event), (False, True))
        expect_equal(twice.interaction_id, once.interaction_id)
        request = interaction_service.ListInteractionsRequest(profile_id=self.first.id, page_size=2)
        expect_equal(len(self.interactions.ListInteractions(request).interactions), 1)
        step(13)
        wanted = {once.interaction_id}
        wanted |= {self.record("event-%d" % number).interaction_id for number in (2, 3, 4)}
        page = self.interactions.ListInteractions(request)
        expect_equal(len(page.interactions), 2)
        got = [each.id for each in page.interactions]
        request.page_token = page.next_page_token
        page = self.interactions.ListInteractions(request)
        got += [each.id for each in page.interactions]
        expect_equal(page.next_page_token, "")
        expect_equal((len(got), set(got)), (4, wanted))
        expect_equal(page.interactions[0].engagement.text, "أين طلبي؟")

    def list(self):
        step(14)
        second = self.profiles.CreateProfile(profile_service.CreateProfileRequest(
            profile=profile.Profile(name="Second Person"))).profile
        got = []
        request = profile_service.ListProfilesRequest(page_size=1)
        while not got or request.page_token:
            page = self.profiles.ListProfiles(request)
            expect(len(page.profiles) <= 1, "a page of one")
            got += [each.id for each in page.profiles]
            request.page_token = page.next_page_token
        expect_equal(got, [self.first.id, second.id])

    @staticmethod
    def import_header(import_id):
        return transfer_service.ImportProfilesRequest(
            header=transfer_service.ImportHeader(import_id=import_id, source="crm"))

    @staticmethod
    def import_batch(rows, prefix):
        request = transfer_service.ImportProfilesRequest()
        for row in rows:
            record = request.batch.rows.add(row=row).record
            value = "no address" if row == 5 else "%s%d@example.org" % (prefix, row)
            record.identities.add(type="email", value=value)
        return request

    def bring_in(self):
        requests = [self.import_header("first"), self.import_batch((1, 2, 3), "row"),
                    self.import_batch((4, 5, 6), "row")]
        step(15)
        answers = list(self.transfer.ImportProfiles(iter(requests), timeout=CALL_SECONDS_MAX))
        expect_equal([each.WhichOneof("payload") for each in answers], ["started", "ack", "ack"])
        expect_equal(answers[0].started.durable_row, 0)
        expect_equal([each.ack.durable_row for each in answers[1:]], [3, 6])
        verdicts = [verdict for each in answers[1:] for verdict in each.ack.verdicts]
        expect_equal([verdict.row for verdict in verdicts], [1, 2, 3, 4, 5, 6])
        created = transfer_service.IMPORT_OUTCOME_CREATED
        failed = transfer_service.IMPORT_OUTCOME_FAILED
        expect_equal([verdict.outcome for verdict in verdicts], 4 * [created] + [failed, created])
        expect_equal([error.field for error in verdicts[4].errors], ["identities[0].value"])
        counts = answers[2].ack.counts
        expect_equal((counts.created, counts.failed), (5, 1))
        step(16)
        answers = list(self.transfer.ImportProfiles(iter(requests[:1]), timeout=CALL_SECONDS_MAX))
        expect_equal(len(answers), 1)
        expect_equal(answers[0].started.durable_row, 6)
        expect_equal(answers[0].started.counts, counts)

    def bring_in_half(self):
        step(17)
        requests = [self.import_header("second"), self.import_batch((1, 2), "half")]
        stream = self.transfer.ImportProfiles(Held(requests), timeout=CALL_SECONDS_MAX)
        expect_equal(next(stream).started.durable_row, 0)
        expect_equal(next(stream).ack.durable_row, 2)
        stream.cancel()
        expect_equal(stream.code(), grpc.StatusCode.CANCELLED)
        answers = list(self.transfer.ImportProfiles(iter(requests[:1]), timeout=CALL_SECONDS_MAX))
        expect_equal(answers[0].started.durable_row, 2)
        expect_equal(answers[0].started.counts.created, 2)

    def end_early(self):
        step(18)
        watch = self.health.Watch(health.HealthCheckRequest(), timeout=0.2)
        next(watch)
        try:
            next(watch)
            raise AssertionError("the watch told something")
        except grpc.RpcError as error:
            expect_equal(error.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
        step(19)
        watch = self.health.Watch(health.HealthCheckRequest())
        next(watch)
        watch.cancel()
        expect_equal(watch.code(), grpc.StatusCode.CANCELLED)

    def fail(self):
        step(20)
        missing = profile_service.GetProfileRequest(id=str(uuid.uuid4()))
        expect_refusal(refused(self.profiles.GetProfile, missing),
                       grpc.StatusCode.NOT_FOUND, "PROFILE_NOT_FOUND")
        refusal = refused(self.profiles.GetProfile, profile_service.GetProfileRequest(id="1"))
        expect_refusal(refusal, grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
        expect_equal(refusal.fields, ["id"])
        step(21)
        metadata = (("profiled-workspace", "nowhere"),)
        expect_refusal(refused(self.profiles.GetProfile, missing, metadata=metadata),
                       grpc.StatusCode.NOT_FOUND, "WORKSPACE_NOT_FOUND")
        step(22)
        large = profile.Profile(name="Large")
        large.attributes["about"].text = "x" * MESSAGE_SIZE_MAX
        refusal = refused(self.profiles.CreateProfile,
                          profile_service.CreateProfileRequest(profile=large))
        expect_equal(refusal.code, grpc.StatusCode.RESOURCE_EXHAUSTED)
        expect_refusal(refused(self.profiles.GetProfile, missing),
                       grpc.StatusCode.NOT_FOUND, "PROFILE_NOT_FOUND")
        step(23)
        nothing = self.channel.unary_unary("/profiled.v1.ProfileService/ForgetProfile",
                                           request_serializer=lambda data: data,
                                           response_deserializer=lambda data: data)
        expect_refusal(refused(nothing, b""), grpc.StatusCode.UNIMPLEMENTED, "METHOD_NOT_FOUND")

    @staticmethod
    def stream_header(source):
        return interaction_service.StreamInteractionsRequest(
            header=interaction_service.InteractionStreamHeader(stream_id="bus", source=source))

    @staticmethod
    def stream_batch(*sequences):
        """Events without ids, of which the fourth is on no channel."""
        request = interaction_service.StreamInteractionsRequest()
        for sequence in sequences:
            each = request.batch.interactions.add(sequence=sequence).interaction_record
            each.interaction.engagement.channel = "No Channel" if sequence == 4 else "email"
            each.interaction.engagement.text = "number %d" % sequence
            each.record.identities.add(type="email", value="streamed@example.org")
        return request

    def stream(self):
        step(24)
        call = self.interactions.StreamInteractions
        requests = [self.stream_header("bus")]
        requests += [self.stream_batch(2 * i + 1, 2 * i + 2) for i in range(3)]
        answers = list(call(iter(requests), timeout=CALL_SECONDS_MAX))
        expect_equal([each.WhichOneof("payload") for each in answers], ["started"] + 3 * ["ack"])
        expect_equal(answers[0].started.durable_sequence, 0)
        expect_equal([each.ack.durable_sequence for each in answers[1:]], [2, 4, 6])
        verdicts = [verdict for each in answers[1:] for verdict in each.ack.verdicts]
        expect_equal([verdict.sequence for verdict in verdicts], [1, 2, 3, 4, 5, 6])
        errors = [[error.field for error in each.verdict.errors] for each in verdicts]
        expect_equal(errors, 3 * [[]] + [["interaction.engagement.channel"]] + 2 * [[]])
        counts = answers[3].ack.counts
        expect_equal((counts.recorded, counts.failed, counts.skipped), (5, 1, 0))
        expect_equal((counts.profiles_created, counts.profiles_linked), (1, 4))
        step(25)
        requests = [self.stream_header("bus"), self.stream_batch(5, 6, 7)]
        answers = list(call(iter(requests), timeout=CALL_SECONDS_MAX))
        expect_equal(answers[0].started.durable_sequence, 6)
        expect_equal(answers[0].started.counts, counts)
        verdicts = answers[1].ack.verdicts
        expect_equal([verdict.skipped for verdict in verdicts], [True, True, False])
        expect_equal(answers[1].ack.durable_sequence, 7)
        request = interaction_service.ListInteractionsRequest(
            profile_id=verdicts[2].verdict.recorded.profile_id)
        texts = [each.engagement.text
                 for each in self.interactions.ListInteractions(request).interactions]
        expect_equal(sorted(texts), ["number %d" % each for each in (1, 2, 3, 5, 6, 7)])
        step(26)
        expect_refusal(refused(call, iter([self.stream_header("other")])),
                       grpc.StatusCode.FAILED_PRECONDITION, "STREAM_MISMATCH")

    def define_attribute(self, **fields):
        return self.schemas.CreateAttribute(schema_service.CreateAttributeRequest(
            attribute=schema.AttributeDefinition(**fields))).attribute

    def define(self):
        step(27)
        visits = self.define_attribute(name="visits", type=schema.ATTRIBUTE_TYPE_NUMBER,
                                       bounds=schema.AttributeBounds(max="10"))
        expect_equal((visits.indexed, visits.built_in), (True, False))
        self.define_attribute(name="tags", type=schema.ATTRIBUTE_TYPE_STRING, max_values=3)
        told = profile.Profile(name="Huda")
        told.attributes["visits"].number = 3.5
        told.attributes["tags"].list.items.add(text="north")
        told.attributes["tags"].list.items.add(text="new")
        made = self.profiles.CreateProfile(
            profile_service.CreateProfileRequest(profile=told)).profile
        expect_equal(made.attributes["visits"].number, 3.5)
        expect_equal([item.text for item in made.attributes["tags"].list.items], ["north", "new"])
        found = self.profiles.ListProfiles(profile_service.ListProfilesRequest(
            filter="attributes.tags = new AND attributes.visits = \"3.5\"")).profiles
        expect_equal([each.id for each in found], [made.id])
        told.attributes["visits"].number = 11
        refusal = refused(self.profiles.CreateProfile,
                          profile_service.CreateProfileRequest(profile=told))
        expect_refusal(refusal, grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
        expect_equal(refusal.fields, ["profile.attributes.visits"])


    def record_told(self, told):
        request = interaction_service.RecordInteractionRequest(interaction_record=told)
        return self.interactions.RecordInteraction(request)

    @staticmethod
    def message_about(theme):
        told = interaction_service.InteractionRecord()
        told.interaction.source = "chat"
        told.interaction.engagement.channel = "line"
        told.interaction.engagement.theme = theme
        told.record.identities.add(type="whatsapp", value="+966545462399")
        return told

    def classify(self):
        step(28)
        made = self.schemas.CreateTheme(schema_service.CreateThemeRequest(theme=theme.Theme(
            name="complaint", labels={"ar": "شكوى"}))).theme
        expect_equal(made.labels["ar"], "شكوى")
        first = self.record_told(self.message_about("شكوى"))
        told = interaction_service.InteractionRecord()
        told.interaction.source = "survey"
        told.interaction.survey_response.survey_id = "satisfaction"
        answers = told.interaction.survey_response.answers
        answers.add(question_id="recommend", nps=9)
        answers.add(question_id="phone").phone.CopyFrom(
            interaction.SurveyPhone(number="545462399", country="SA"))
        expect_equal(self.record_told(told).profile_id, first.profile_id)
        listed = self.interactions.ListInteractions(interaction_service.ListInteractionsRequest(
            profile_id=first.profile_id, filter=interaction_service.InteractionFilter(
                channel="line"))).interactions
        expect_equal([each.engagement.theme for each in listed], ["complaint"])
        step(29)
        refusal = refused(self.interactions.RecordInteraction,
                          interaction_service.RecordInteractionRequest(
                              interaction_record=self.message_about("praise")))
        expect_refusal(refusal, grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
        expect_equal(refusal.fields, ["interaction_record.interaction.engagement.theme"])
        step(30)
        request = interaction_service.AnalyzeInteractionsRequest(
            count_profiles=True, group_by=[analysis.INTERACTION_DIMENSION_THEME])
        request.filter.channel = "line"
        last = list(self.interactions.AnalyzeInteractions(request, timeout=CALL_SECONDS_MAX))[-1]
        groups = [(list(each.labels), each.count, each.profile_count) for each in last.groups]
        expect_equal(groups, [(["complaint"], 1, 1)])
        last = list(self.interactions.AnalyzeSurvey(
            interaction_service.AnalyzeSurveyRequest(survey_id="satisfaction"),
            timeout=CALL_SECONDS_MAX))[-1]
        scores = {each.question_id: each.nps.score for each in last.questions}
        expect_equal((last.response_count, scores["recommend"]), (1, 100.0))


class Held:
    """Requests, and then silence: the stream stays open until it is cancelled."""

    def __init__(self, requests):
        self.requests = iter(requests)
        self.silence = threading.Event()

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return next(self.requests)
        except StopIteration:
            self.silence.wait()
            raise


def main():
    with grpc.insecure_channel(os.environ["PROFILED_ADDRESS"]) as channel:
        scenario = Scenario(channel)
        scenario.run()
    with grpc.insecure_channel("unix:" + os.environ["PROFILED_SOCKET"]) as channel:
        request = profile_service.GetProfileRequest(id=scenario.first.id)
        answer = profile_stubs.ProfileServiceStub(channel).GetProfile(request)
        expect_equal(answer.profile.id, scenario.first.id)
    print("done")


if __name__ == "__main__":
    main()
