// The scenario of SCENARIO.md through @grpc/grpc-js: over TCP, and one call over the socket.
'use strict';

const assert = require('assert');
const { randomUUID } = require('crypto');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const protobuf = require('protobufjs');

const CALL_MS_MAX = 20000;
const MESSAGE_SIZE_MAX = 4 << 20;
const GOOGLEAPIS = '/usr/share/gocode/src/github.com/gogo/googleapis/';

const definition = loader.loadSync(
  [
    'profiled/v1/profile_service.proto',
    'profiled/v1/identity_service.proto',
    'profiled/v1/interaction_service.proto',
    'profiled/v1/transfer_service.proto',
    'profiled/v1/schema_service.proto',
    'grpc/health/v1/health.proto',
    'grpc/reflection/v1/reflection.proto',
  ],
  {
    includeDirs: ['proto', '/usr/share/grpc-proto', '/usr/include'],
    defaults: true,
    enums: String,
    longs: Number,
    oneofs: true,
  },
);
const root = grpc.loadPackageDefinition(definition);

const rpc = new protobuf.Root();
rpc.resolvePath = (origin, target) =>
  target.startsWith('google/protobuf/') ? '/usr/include/' + target
    : target.startsWith('google/rpc/') ? GOOGLEAPIS + target : target;
rpc.loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto']);

function step(number) {
  console.log(`step ${number}`);
}

function unary(client, method, request, metadata = new grpc.Metadata()) {
  return new Promise((resolve, reject) => {
    client[method](request, metadata, { deadline: Date.now() + CALL_MS_MAX }, (error, answer) =>
      error ? reject(error) : resolve(answer));
  });
}

// Every message of a stream until its end; a failure is thrown.
function collect(stream) {
  return new Promise((resolve, reject) => {
    const messages = [];
    stream.on('data', (message) => messages.push(message));
    stream.on('error', reject);
    stream.on('end', () => resolve(messages));
  });
}

// A function that answers with the next message of a stream each time, and throws its failure.
function reader(stream) {
  const iterator = stream[Symbol.asyncIterator]();
  return async () => (await iterator.next()).value;
}

// What a failed call tells: its code, and what the details say.
function explain(error) {
  const [bytes] = error.metadata ? error.metadata.get('grpc-status-details-bin') : [];
  const told = { code: error.code, reason: '', domain: '', metadata: {}, fields: [] };
  if (bytes === undefined) {
    return told;
  }
  const status = rpc.lookupType('google.rpc.Status').decode(bytes);
  assert.strictEqual(status.code, error.code);
  assert.strictEqual(status.message, error.details);
  for (const detail of status.details) {
    const name = detail.type_url.replace('type.googleapis.com/', '');
    const message = rpc.lookupType(name).decode(detail.value);
    if (name === 'google.rpc.ErrorInfo') {
      Object.assign(told, { reason: message.reason, domain: message.domain });
      told.metadata = message.metadata;
    } else if (name === 'google.rpc.BadRequest') {
      told.fields = message.fieldViolations.map((violation) => violation.field);
    }
  }
  return told;
}

async function refused(call, code, reason) {
  let told = null;
  try {
    await call;
  } catch (error) {
    told = explain(error);
  }
  assert(told !== null, 'the call was not refused');
  assert.deepStrictEqual([told.code, told.reason], [code, reason]);
  if (reason !== '') {
    assert.strictEqual(told.domain, 'profiled');
  }
  return told;
}

const email = (value) => ({ type: 'email', value });
const phone = (value, region) => ({ type: 'phone', value, region });

class Scenario {
  constructor(address) {
    const credentials = grpc.credentials.createInsecure();
    const { v1 } = root.profiled;
    this.profiles = new v1.ProfileService(address, credentials);
    this.identities = new v1.IdentityService(address, credentials);
    this.interactions = new v1.InteractionService(address, credentials);
    this.transfer = new v1.TransferService(address, credentials);
    this.schemas = new v1.SchemaService(address, credentials);
    this.health = new root.grpc.health.v1.Health(address, credentials);
    this.reflection = new root.grpc.reflection.v1.ServerReflection(address, credentials);
  }

  close() {
    for (const client of Object.values(this)) {
      if (client instanceof grpc.Client) {
        client.close();
      }
    }
  }

  async run() {
    await this.companions();
    await this.create();
    await this.refuse();
    await this.resolve();
    await this.merge();
    await this.update();
    await this.interact();
    await this.list();
    await this.bringIn();
    await this.bringInHalf();
    await this.endEarly();
    await this.fail();
    await this.stream();
    await this.define();
    await this.classify();
  }

  async companions() {
    step(1);
    assert.strictEqual((await unary(this.health, 'check', {})).status, 'SERVING');
    const watch = this.health.watch({});
    assert.strictEqual((await reader(watch)()).status, 'SERVING');
    step(2);
    const stream = this.reflection.serverReflectionInfo();
    const answered = collect(stream);
    stream.write({ listServices: '' });
    stream.end();
    const [answer] = await answered;
    assert.deepStrictEqual(answer.listServicesResponse.service.map((each) => each.name).sort(), [
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
      'profiled.v1.ChangeService',
      'profiled.v1.IdentityService',
      'profiled.v1.InteractionService',
      'profiled.v1.ProfileService',
      'profiled.v1.SchemaService',
      'profiled.v1.SegmentService',
      'profiled.v1.TransferService',
    ]);
    watch.on('error', () => {});
    watch.cancel();
  }

  async create() {
    step(3);
    const request = {
      profile: {
        name: 'نورة السالم',
        identities: [email('Noura@Example.org')],
        attributes: { city: { text: 'الرياض' } },
      },
      requestId: randomUUID(),
    };
    this.first = (await unary(this.profiles, 'createProfile', request)).profile;
    assert.strictEqual(this.first.name, 'نورة السالم');
    assert.strictEqual(this.first.identities[0].canonicalValue, 'noura@example.org');
    assert.strictEqual(this.first.attributes.city.text, 'الرياض');
    assert(this.first.id.length === 36 && this.first.etag !== '');
    step(4);
    const again = (await unary(this.profiles, 'createProfile', request)).profile;
    assert.deepStrictEqual(again, this.first);
    const { profiles } = await unary(this.profiles, 'listProfiles', {});
    assert.deepStrictEqual(profiles.map((each) => each.id), [this.first.id]);
    step(5);
    request.profile.name = 'نورة';
    await refused(unary(this.profiles, 'createProfile', request),
      grpc.status.INVALID_ARGUMENT, 'REQUEST_ID_REUSED');
  }

  async refuse() {
    step(6);
    const taken = { name: 'Somebody Else', identities: [email('noura@example.org')] };
    const conflict = await refused(unary(this.profiles, 'createProfile', { profile: taken }),
      grpc.status.FAILED_PRECONDITION, 'IDENTITY_CONFLICT');
    assert.strictEqual(conflict.metadata.owner_id, this.first.id);
    step(7);
    const bad = {
      identities: [email('not an address')],
      attributes: { birth_date: { text: '2001-02-30' } },
    };
    const { fields } = await refused(unary(this.profiles, 'createProfile', { profile: bad }),
      grpc.status.INVALID_ARGUMENT, 'FIELD_INVALID');
    assert.deepStrictEqual(fields.sort(),
      ['profile.attributes.birth_date', 'profile.identities[0].value', 'profile.name']);
  }

  async resolveRecord(record) {
    return (await unary(this.identities, 'resolveProfile', { record })).decision;
  }

  async resolve() {
    step(8);
    const forms = [
      phone('٠٥٤٥٤٦٢٣٥٦', 'SA'),
      phone('545462356', 'SA'),
      phone('+966 54 546 2356'),
      { type: 'whatsapp', value: '966545462356' },
    ];
    const decisions = [];
    for (const form of forms) {
      decisions.push(await this.resolveRecord({ identities: [form] }));
    }
    assert.deepStrictEqual(decisions.map((each) => each.outcome),
      ['OUTCOME_CREATED', 'OUTCOME_LINKED', 'OUTCOME_LINKED', 'OUTCOME_LINKED']);
    assert.strictEqual(new Set(decisions.map((each) => each.profileId)).size, 1);
    this.phoneId = decisions[0].profileId;
  }

  async merge() {
    step(9);
    const decision = await this.resolveRecord({
      identities: [email('NOURA@example.org'), phone('+966545462356')],
    });
    assert.strictEqual(decision.outcome, 'OUTCOME_MERGED');
    assert.strictEqual(decision.profileId, this.first.id);
    assert.deepStrictEqual(decision.mergedIds, [this.phoneId]);
    step(10);
    const answer = await unary(this.profiles, 'getProfile', { id: this.phoneId });
    assert.strictEqual(answer.redirectedFromId, this.phoneId);
    assert.strictEqual(answer.profile.id, this.first.id);
    assert.deepStrictEqual(answer.profile.mergedIds, [this.phoneId]);
    assert.deepStrictEqual(new Set(answer.profile.identities.map((each) => each.type)),
      new Set(['email', 'phone', 'whatsapp']));
    this.first = answer.profile;
  }

  async update() {
    step(11);
    const request = {
      profile: { id: this.first.id, etag: this.first.etag, attributes: { city: { text: 'جدة' } } },
      updateMask: { paths: ['attributes.city'] },
    };
    const changed = (await unary(this.profiles, 'updateProfile', request)).profile;
    assert.strictEqual(changed.attributes.city.text, 'جدة');
    assert.strictEqual(changed.name, this.first.name);
    assert.notStrictEqual(changed.etag, this.first.etag);
    await refused(unary(this.profiles, 'updateProfile', request),
      grpc.status.ABORTED, 'ETAG_MISMATCH');
  }

  record(eventId) {
    const interaction = {
      source: 'chat',
      eventId,
      engagement: { channel: 'whatsapp', text: 'أين طلبي؟' },
    };
    const record = { identities: [{ type: 'whatsapp', value: '966545462356' }] };
    return unary(this.interactions, 'recordInteraction',
      { interactionRecord: { interaction, record } });
  }

  async interact() {
    step(12);
    const once = await this.record('event-1');
    const twice = await this.record('event-1');
    assert.strictEqual(once.profileId, this.first.id);
    assert.deepStrictEqual([once.repeatedEvent, twice.repeatedEvent], [false, true]);
    assert.strictEqual(twice.interactionId, once.interactionId);
    const request = { profileId: this.first.id, pageSize: 2 };
    const before = await unary(this.interactions, 'listInteractions', request);
    assert.strictEqual(before.interactions.length, 1);
    step(13);
    const wanted = [once.interactionId];
    for (const eventId of ['event-2', 'event-3', 'event-4']) {
      wanted.push((await this.record(eventId)).interactionId);
    }
    const page = await unary(this.interactions, 'listInteractions', request);
    assert.strictEqual(page.interactions.length, 2);
    const last = await unary(this.interactions, 'listInteractions',
      { ...request, pageToken: page.nextPageToken });
    assert.strictEqual(last.nextPageToken, '');
    const got = [...page.interactions, ...last.interactions].map((each) => each.id);
    assert.deepStrictEqual(got.sort(), wanted.sort());
    assert.strictEqual(last.interactions[0].engagement.text, 'أين طلبي؟');
  }

  async list() {
    step(14);
    const second = (await unary(this.profiles, 'createProfile',
      { profile: { name: 'Second Person' } })).profile;
    const got = [];
    let pageToken = '';
    do {
      const page = await unary(this.profiles, 'listProfiles', { pageSize: 1, pageToken });
      assert(page.profiles.length <= 1);
      got.push(...page.profiles.map((each) => each.id));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    assert.deepStrictEqual(got, [this.first.id, second.id]);
  }

  importStream() {
    return this.transfer.importProfiles(new grpc.Metadata(), { deadline: Date.now() + CALL_MS_MAX });
  }

  static importHeader(importId) {
    return { header: { importId, source: 'crm' } };
  }

  static importBatch(rows, prefix) {
    return {
      batch: {
        rows: rows.map((row) => ({
          row,
          record: { identities: [email(row === 5 ? 'no address' : `${prefix}${row}@example.org`)] },
        })),
      },
    };
  }

  async importAll(requests) {
    const stream = this.importStream();
    const answered = collect(stream);
    requests.forEach((request) => stream.write(request));
    stream.end();
    return answered;
  }

  async bringIn() {
    step(15);
    const requests = [
      Scenario.importHeader('first'),
      Scenario.importBatch([1, 2, 3], 'row'),
      Scenario.importBatch([4, 5, 6], 'row'),
    ];
    const answers = await this.importAll(requests);
    assert.deepStrictEqual(answers.map((each) => each.payload), ['started', 'ack', 'ack']);
    assert.strictEqual(answers[0].started.durableRow, 0);
    assert.deepStrictEqual(answers.slice(1).map((each) => each.ack.durableRow), [3, 6]);
    const verdicts = answers.slice(1).flatMap((each) => each.ack.verdicts);
    assert.deepStrictEqual(verdicts.map((each) => each.row), [1, 2, 3, 4, 5, 6]);
    const created = 'IMPORT_OUTCOME_CREATED';
    assert.deepStrictEqual(verdicts.map((each) => each.outcome),
      [created, created, created, created, 'IMPORT_OUTCOME_FAILED', created]);
    assert.deepStrictEqual(verdicts[4].errors.map((error) => error.field),
      ['identities[0].value']);
    const { counts } = answers[2].ack;
    assert.deepStrictEqual([counts.created, counts.failed], [5, 1]);
    step(16);
    const again = await this.importAll(requests.slice(0, 1));
    assert.strictEqual(again.length, 1);
    assert.strictEqual(again[0].started.durableRow, 6);
    assert.deepStrictEqual(again[0].started.counts, counts);
  }

  async bringInHalf() {
    step(17);
    const header = Scenario.importHeader('second');
    const stream = this.importStream();
    const next = reader(stream);
    stream.write(header);
    stream.write(Scenario.importBatch([1, 2], 'half'));
    assert.strictEqual((await next()).started.durableRow, 0);
    assert.strictEqual((await next()).ack.durableRow, 2);
    stream.cancel();
    await refused(next(), grpc.status.CANCELLED, '');
    const [again] = await this.importAll([header]);
    assert.strictEqual(again.started.durableRow, 2);
    assert.strictEqual(again.started.counts.created, 2);
  }

  async endEarly() {
    step(18);
    let next = reader(this.health.watch({}, { deadline: Date.now() + 200 }));
    await next();
    await refused(next(), grpc.status.DEADLINE_EXCEEDED, '');
    step(19);
    const watch = this.health.watch({});
    next = reader(watch);
    await next();
    watch.cancel();
    await refused(next(), grpc.status.CANCELLED, '');
  }

  async fail() {
    step(20);
    const missing = { id: randomUUID() };
    await refused(unary(this.profiles, 'getProfile', missing),
      grpc.status.NOT_FOUND, 'PROFILE_NOT_FOUND');
    const { fields } = await refused(unary(this.profiles, 'getProfile', { id: '1' }),
      grpc.status.INVALID_ARGUMENT, 'FIELD_INVALID');
    assert.deepStrictEqual(fields, ['id']);
    step(21);
    const metadata = new grpc.Metadata();
    metadata.set('profiled-workspace', 'nowhere');
    await refused(unary(this.profiles, 'getProfile', missing, metadata),
      grpc.status.NOT_FOUND, 'WORKSPACE_NOT_FOUND');
    step(22);
    const about = { text: 'x'.repeat(MESSAGE_SIZE_MAX) };
    await refused(
      unary(this.profiles, 'createProfile', { profile: { name: 'Large', attributes: { about } } }),
      grpc.status.RESOURCE_EXHAUSTED, '');
    await refused(unary(this.profiles, 'getProfile', missing),
      grpc.status.NOT_FOUND, 'PROFILE_NOT_FOUND');
    step(23);
    await refused(this.callNothing(), grpc.status.UNIMPLEMENTED, 'METHOD_NOT_FOUND');
  }

  async define() {
    step(27);
    const visits = { name: 'visits', type: 'ATTRIBUTE_TYPE_NUMBER', bounds: { max: '10' } };
    const { attribute } = await unary(this.schemas, 'createAttribute', { attribute: visits });
    assert.strictEqual(attribute.indexed, true);
    const tags = { name: 'tags', type: 'ATTRIBUTE_TYPE_STRING', maxValues: 3 };
    await unary(this.schemas, 'createAttribute', { attribute: tags });
    const items = [{ text: 'north' }, { text: 'new' }];
    const told = { name: 'Huda', attributes: { visits: { number: 3.5 }, tags: { list: { items } } } };
    const made = (await unary(this.profiles, 'createProfile', { profile: told })).profile;
    assert.strictEqual(made.attributes.visits.number, 3.5);
    assert.deepStrictEqual(made.attributes.tags.list.items.map((item) => item.text),
      ['north', 'new']);
    const filter = 'attributes.tags = new AND attributes.visits = "3.5"';
    const { profiles } = await unary(this.profiles, 'listProfiles', { filter });
    assert.deepStrictEqual(profiles.map((each) => each.id), [made.id]);
    told.attributes.visits.number = 11;
    const { fields } = await refused(unary(this.profiles, 'createProfile', { profile: told }),
      grpc.status.INVALID_ARGUMENT, 'FIELD_INVALID');
    assert.deepStrictEqual(fields, ['profile.attributes.visits']);
  }

  recordTold(interaction, record) {
    const interactionRecord = record ? { interaction, record } : { interaction };
    return unary(this.interactions, 'recordInteraction', { interactionRecord });
  }

  recordAbout(theme) {
    const identities = [{ type: 'whatsapp', value: '+966545462399' }];
    return this.recordTold({ source: 'chat', engagement: { channel: 'line', theme } }, { identities });
  }

  async classify() {
    step(28);
    const told = { name: 'complaint', labels: { ar: 'شكوى' } };
    const { theme } = await unary(this.schemas, 'createTheme', { theme: told });
    assert.strictEqual(theme.labels.ar, 'شكوى');
    const first = await this.recordAbout('شكوى');
    const answers = [{ questionId: 'recommend', nps: 9 },
      { questionId: 'phone', phone: { number: '545462399', country: 'SA' } }];
    const surveyResponse = { surveyId: 'satisfaction', answers };
    const second = await this.recordTold({ source: 'survey', surveyResponse });
    assert.strictEqual(second.profileId, first.profileId);
    const { interactions } = await unary(this.interactions, 'listInteractions',
      { profileId: first.profileId, filter: { channel: 'line' } });
    assert.deepStrictEqual(interactions.map((each) => each.engagement.theme), ['complaint']);
    step(29);
    const { fields } = await refused(this.recordAbout('praise'),
      grpc.status.INVALID_ARGUMENT, 'FIELD_INVALID');
    assert.deepStrictEqual(fields, ['interaction_record.interaction.engagement.theme']);
    step(30);
    const deadline = { deadline: Date.now() + CALL_MS_MAX };
    const counted = await collect(this.interactions.analyzeInteractions(
      { groupBy: ['INTERACTION_DIMENSION_THEME'], countProfiles: true, filter: { channel: 'line' } },
      new grpc.Metadata(), deadline));
    const { groups } = counted[counted.length - 1];
    assert.deepStrictEqual(groups.map((each) => [each.labels, each.count, each.profileCount]),
      [[['complaint'], 1, 1]]);
    const answered = await collect(this.interactions.analyzeSurvey(
      { surveyId: 'satisfaction' }, new grpc.Metadata(), deadline));
    const survey = answered[answered.length - 1];
    assert.strictEqual(survey.responseCount, 1);
    const recommend = survey.questions.find((each) => each.questionId === 'recommend');
    assert.strictEqual(recommend.nps.score, 100);
  }

  callNothing() {
    const same = (bytes) => bytes;
    return new Promise((resolve, reject) => {
      this.profiles.makeUnaryRequest('/profiled.v1.ProfileService/ForgetProfile', same, same,
        Buffer.alloc(0), (error, answer) => (error ? reject(error) : resolve(answer)));
    });
  }

  async streamAll(requests) {
    const stream = this.interactions.streamInteractions(new grpc.Metadata(),
      { deadline: Date.now() + CALL_MS_MAX });
    const answered = collect(stream);
    requests.forEach((request) => stream.write(request));
    stream.end();
    return answered;
  }

  static streamHeader(source) {
    return { header: { streamId: 'bus', source } };
  }

  // Events without ids, of which the fourth is on no channel.
  static streamBatch(...sequences) {
    return {
      batch: {
        interactions: sequences.map((sequence) => ({
          sequence,
          interactionRecord: {
            interaction: {
              engagement: {
                channel: sequence === 4 ? 'No Channel' : 'email',
                text: `number ${sequence}`,
              },
            },
            record: { identities: [email('streamed@example.org')] },
          },
        })),
      },
    };
  }

  async stream() {
    step(24);
    const header = Scenario.streamHeader('bus');
    const answers = await this.streamAll([
      header,
      Scenario.streamBatch(1, 2),
      Scenario.streamBatch(3, 4),
      Scenario.streamBatch(5, 6),
    ]);
    assert.deepStrictEqual(answers.map((each) => each.payload), ['started', 'ack', 'ack', 'ack']);
    assert.strictEqual(answers[0].started.durableSequence, 0);
    assert.deepStrictEqual(answers.slice(1).map((each) => each.ack.durableSequence), [2, 4, 6]);
    const verdicts = answers.slice(1).flatMap((each) => each.ack.verdicts);
    assert.deepStrictEqual(verdicts.map((each) => each.sequence), [1, 2, 3, 4, 5, 6]);
    assert.deepStrictEqual(
      verdicts.map((each) => each.verdict.errors.map((error) => error.field)),
      [[], [], [], ['interaction.engagement.channel'], [], []],
    );
    const { counts } = answers[3].ack;
    assert.deepStrictEqual([counts.recorded, counts.failed, counts.skipped], [5, 1, 0]);
    assert.deepStrictEqual([counts.profilesCreated, counts.profilesLinked], [1, 4]);
    step(25);
    const [started, ended] = await this.streamAll([header, Scenario.streamBatch(5, 6, 7)]);
    assert.strictEqual(started.started.durableSequence, 6);
    assert.deepStrictEqual(started.started.counts, counts);
    assert.deepStrictEqual(ended.ack.verdicts.map((each) => each.skipped), [true, true, false]);
    assert.strictEqual(ended.ack.durableSequence, 7);
    const { profileId } = ended.ack.verdicts[2].verdict.recorded;
    const list = await unary(this.interactions, 'listInteractions', { profileId });
    assert.deepStrictEqual(list.interactions.map((each) => each.engagement.text).sort(),
      [1, 2, 3, 5, 6, 7].map((each) => `number ${each}`));
    step(26);
    await refused(this.streamAll([Scenario.streamHeader('other')]),
      grpc.status.FAILED_PRECONDITION, 'STREAM_MISMATCH');
  }
}

async function main() {
  const scenario = new Scenario(process.env.PROFILED_ADDRESS);
  await scenario.run();
  scenario.close();
  const local = new Scenario('unix:' + process.env.PROFILED_SOCKET);
  const { id } = scenario.first;
  assert.strictEqual((await unary(local.profiles, 'getProfile', { id })).profile.id, id);
  local.close();
  console.log('done');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
