/* The stored form of decisions: with them a profile's history can be told, and gone through again.
 */

#include <string.h>

#include "server/identity/decision.h"
#include "server/store/records/record.pb-c.h"
#include "server/store/row_texts.h"
#include "server/store/row_time.h"
#include "server/store/store.h"

static char *borrowed(const char *string) { return (char *)(uintptr_t)string; }

static ProtobufCBinaryData id_bytes(const struct id *id) {
    return (ProtobufCBinaryData){ID_SIZE, (uint8_t *)(uintptr_t)id->bytes};
}

/* 1 + the position of a profile among the candidates; 0 where it is none. */
static uint32_t candidate_number(const struct decision *decision, struct id profile) {
    for (size_t i = 0; i < decision->candidate_count; i++) {
        if (id_equal(decision->candidates[i].id, profile)) {
            return (uint32_t)i + 1;
        }
    }
    return 0;
}

static Stored__V1__DecisionIdentity *pack_identity(const struct decision *decision,
                                                   const struct identity_decision *identity,
                                                   struct arena *arena) {
    Stored__V1__DecisionIdentity *row = arena_alloc(arena, sizeof *row);
    stored__v1__decision_identity__init(row);
    row->type_number = row_name_number(identity->type);
    row->type = borrowed(row->type_number == 0 ? identity->type : "");
    row->canonical = borrowed(identity->canonical);
    if (strcmp(identity->match, identity->canonical) != 0) {
        row->match = borrowed(identity->match);
    }
    row->rule = identity->rule;
    if (identity->matched) {
        row->matched_candidate = candidate_number(decision, identity->matched_id);
        if (row->matched_candidate == 0) {
            row->matched = id_bytes(&identity->matched_id);
        }
    }
    return row;
}

static void pack_identities(Stored__V1__Decision *row, const struct decision *decision,
                            const struct record *record, struct row_sources *sources) {
    struct arena *arena = sources->arena;
    row->n_identities = decision->identity_count;
    row->identities = arena_array(arena, decision->identity_count, sizeof *row->identities);
    for (size_t i = 0; i < decision->identity_count; i++) {
        row->identities[i] = pack_identity(decision, &decision->identities[i], arena);
        row->identities[i]->value = borrowed(record->identities[i].value);
        row->identities[i]->provenance = record->identities[i].provenance;
        row->identities[i]->source =
            row_source_number(sources, record->identities[i].source, record->source);
        if (strcmp(record->identities[i].value, decision->identities[i].canonical) == 0) {
            row->identities[i]->canonical = borrowed("");
        }
    }
    row->n_demoted = decision->demoted_count;
    row->demoted = arena_array(arena, decision->demoted_count, sizeof *row->demoted);
    for (size_t i = 0; i < decision->demoted_count; i++) {
        row->demoted[i] = pack_identity(decision, &decision->demoted[i], arena);
    }
}

static void pack_candidates(Stored__V1__Decision *row, const struct decision *decision,
                            struct arena *arena) {
    row->n_candidates = decision->candidate_count;
    row->candidates = arena_array(arena, decision->candidate_count, sizeof *row->candidates);
    for (size_t i = 0; i < decision->candidate_count; i++) {
        const struct candidate_decision *candidate = &decision->candidates[i];
        Stored__V1__DecisionCandidate *packed = arena_alloc(arena, sizeof *packed);
        stored__v1__decision_candidate__init(packed);
        if (!id_equal(candidate->id, decision->member)) {
            packed->profile = id_bytes(&candidate->id);
        }
        packed->accepted = candidate->accepted;
        packed->rule = candidate->rule;
        packed->n_identity_positions = candidate->position_count;
        packed->identity_positions = (uint32_t *)candidate->positions;
        row->candidates[i] = packed;
    }
}

/* Source and time are the record's, unless they differ. */
static void pack_attributes(Stored__V1__Decision *row, const struct record *record,
                            struct row_sources *sources) {
    struct arena *arena = sources->arena;
    row->n_attributes = record->attribute_count;
    row->attributes = arena_array(arena, record->attribute_count, sizeof *row->attributes);
    for (size_t i = 0; i < record->attribute_count; i++) {
        Stored__V1__Attribute *packed = arena_alloc(arena, sizeof *packed);
        stored__v1__attribute__init(packed);
        const struct record_attribute *attribute = &record->attributes[i];
        packed->name_number = row_name_number(attribute->kind->name);
        packed->name = borrowed(packed->name_number == 0 ? attribute->kind->name : "");
        packed->form = attribute_form(attribute->kind);
        packed->value = borrowed(attribute->value);
        packed->source = row_source_number(sources, attribute->source, record->source);
        packed->observe_after_us = row_time_after(attribute->observe_us, record->observe_us);
        row->attributes[i] = packed;
    }
}

struct bytes decision_pack(const struct decision *decision, const struct record *record,
                           struct arena *arena) {
    Stored__V1__Decision row = STORED__V1__DECISION__INIT;
    row.outcome = decision->outcome;
    row.rule_version = decision->rule_version;
    row.decide_us = (uint64_t)decision->decide_us;
    if (!id_equal(decision->profile, decision->member)) {
        row.profile = id_bytes(&decision->profile);
    }
    row.name = borrowed(record->name);
    row.source = borrowed(record->source);
    row.observe_after_us = row_time_after(record->observe_us, decision->decide_us);
    struct row_sources sources = {.arena = arena};
    pack_identities(&row, decision, record, &sources);
    pack_attributes(&row, record, &sources);
    row.n_sources = sources.count;
    row.sources = sources.items;
    pack_candidates(&row, decision, arena);
    if (decision->merged_count > 0) {
        row.merged = (ProtobufCBinaryData){decision->merged_count * ID_SIZE,
                                           (uint8_t *)(uintptr_t)decision->merged->bytes};
    }
    return store_pack(arena, &row.base);
}

/* ---- and back ---- */

static struct status id_read(ProtobufCBinaryData data, struct id *out) {
    if (data.len != ID_SIZE) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "an id in a decision has not 16 bytes");
    }
    memcpy(out->bytes, data.data, ID_SIZE);
    return OK;
}

static struct status unpack_matched(const Stored__V1__DecisionIdentity *row,
                                    const struct decision *decision,
                                    struct identity_decision *out) {
    if (row->matched_candidate > decision->candidate_count) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "a decision has a match that is no candidate");
    }
    out->matched = row->matched_candidate > 0 || row->matched.len > 0;
    if (row->matched_candidate > 0) {
        out->matched_id = decision->candidates[row->matched_candidate - 1].id;
        return OK;
    }
    return out->matched ? id_read(row->matched, &out->matched_id) : OK;
}

static struct status unpack_identity(const Stored__V1__DecisionIdentity *row,
                                     const struct decision *decision,
                                     struct identity_decision *out) {
    *out = (struct identity_decision){
        .canonical = row->canonical[0] == '\0' ? row->value : row->canonical,
        .rule = (enum identity_rule)row->rule,
    };
    out->match = row->match[0] == '\0' ? out->canonical : row->match;
    TRY(row_name(row->type_number, row->type, &out->type));
    return unpack_matched(row, decision, out);
}

static struct status unpack_identities(const Stored__V1__Decision *row, struct arena *arena,
                                       struct decision *decision, struct record *record) {
    decision->identity_count = row->n_identities;
    decision->identities = arena_array(arena, row->n_identities, sizeof *decision->identities);
    record->identity_count = row->n_identities;
    record->identities = arena_array(arena, row->n_identities, sizeof *record->identities);
    for (size_t i = 0; i < row->n_identities; i++) {
        const Stored__V1__DecisionIdentity *from = row->identities[i];
        struct identity_decision *to = &decision->identities[i];
        TRY(unpack_identity(from, decision, to));
        record->identities[i] = (struct record_identity){
            .type = to->type,
            .value = from->value,
            .canonical = to->canonical,
            .match = to->match,
            .region = "",
            .provenance = (enum provenance)from->provenance,
        };
        TRY(row_source(row->n_sources, row->sources, from->source, record->source,
                       &record->identities[i].source));
    }
    decision->demoted_count = row->n_demoted;
    decision->demoted = arena_array(arena, row->n_demoted, sizeof *decision->demoted);
    for (size_t i = 0; i < row->n_demoted; i++) {
        TRY(unpack_identity(row->demoted[i], decision, &decision->demoted[i]));
    }
    return OK;
}

static struct status unpack_candidates(const Stored__V1__Decision *row, struct arena *arena,
                                       struct decision *decision) {
    decision->candidate_count = row->n_candidates;
    decision->candidates = arena_array(arena, row->n_candidates, sizeof *decision->candidates);
    for (size_t i = 0; i < row->n_candidates; i++) {
        const Stored__V1__DecisionCandidate *from = row->candidates[i];
        struct candidate_decision *to = &decision->candidates[i];
        *to = (struct candidate_decision){
            .position_count = from->n_identity_positions,
            .positions = (int32_t *)from->identity_positions,
            .accepted = from->accepted,
            .rule = (enum identity_rule)from->rule,
        };
        to->id = decision->member;
        if (from->profile.len > 0) {
            TRY(id_read(from->profile, &to->id));
        }
    }
    return OK;
}

static struct status kind_read(const Stored__V1__Attribute *row, struct arena *arena,
                               const struct attribute_kind **out) {
    enum attribute attribute;
    const char *name = NULL;
    TRY(row_name(row->name_number, row->name, &name));
    if (row->form != 0) {
        struct attribute_kind *kind = arena_alloc(arena, sizeof *kind);
        *kind = attribute_kind_of_form(name, row->form);
        *out = kind;
        return OK;
    }
    if (!attribute_find(name, &attribute)) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "a decision has an attribute that is none");
    }
    *out = attribute_kind_of(attribute);
    return OK;
}

static struct status unpack_attributes(const Stored__V1__Decision *row, struct arena *arena,
                                       struct record *record) {
    record->attribute_count = row->n_attributes;
    record->attributes = arena_array(arena, row->n_attributes, sizeof *record->attributes);
    for (size_t i = 0; i < row->n_attributes; i++) {
        const Stored__V1__Attribute *from = row->attributes[i];
        struct record_attribute *to = &record->attributes[i];
        TRY(kind_read(from, arena, &to->kind));
        to->value = from->value;
        to->observe_us = row_time_of(from->observe_after_us, record->observe_us);
        TRY(row_source(row->n_sources, row->sources, from->source, record->source, &to->source));
    }
    return OK;
}

static struct status unpack_merged(const Stored__V1__Decision *row, struct arena *arena,
                                   struct decision *decision) {
    if (row->merged.len % ID_SIZE != 0) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "the merged ids of a decision are cut off");
    }
    decision->merged_count = row->merged.len / ID_SIZE;
    decision->merged = arena_array(arena, decision->merged_count, sizeof *decision->merged);
    decision->merges = arena_array(arena, decision->merged_count, sizeof *decision->merges);
    for (size_t i = 0; i < decision->merged_count; i++) {
        memcpy(decision->merged[i].bytes, row->merged.data + i * ID_SIZE, ID_SIZE);
    }
    return OK;
}

struct status decision_unpack(struct bytes packed, struct id member, struct arena *arena,
                              struct decision *decision, struct record *record) {
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(arena, &stored__v1__decision__descriptor, packed, &message));
    const Stored__V1__Decision *row = (const Stored__V1__Decision *)message;
    *decision = (struct decision){
        .outcome = (enum outcome)row->outcome,
        .profile = member,
        .member = member,
        .rule_version = row->rule_version,
        .decide_us = (int64_t)row->decide_us,
    };
    *record = (struct record){
        .name = row->name,
        .source = row->source,
        .observe_us = row_time_of(row->observe_after_us, decision->decide_us),
    };
    if (row->profile.len > 0) {
        TRY(id_read(row->profile, &decision->profile));
    }
    TRY(unpack_merged(row, arena, decision));
    TRY(unpack_candidates(row, arena, decision));
    TRY(unpack_identities(row, arena, decision, record));
    return unpack_attributes(row, arena, record);
}
