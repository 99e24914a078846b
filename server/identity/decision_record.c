/* The stored form of decisions: with them a profile's history can be told, and gone through again.
 */

#include <string.h>

#include "server/identity/decision.h"
#include "server/store/records/record.pb-c.h"
#include "server/store/store.h"

static char *borrowed(const char *string) { return (char *)(uintptr_t)string; }

static ProtobufCBinaryData id_bytes(const struct id *id) {
    return (ProtobufCBinaryData){ID_SIZE, (uint8_t *)(uintptr_t)id->bytes};
}

static Stored__V1__DecisionIdentity *pack_identity(const struct identity_decision *decision,
                                                   struct arena *arena) {
    Stored__V1__DecisionIdentity *row = arena_alloc(arena, sizeof *row);
    stored__v1__decision_identity__init(row);
    row->type = borrowed(decision->type);
    row->canonical = borrowed(decision->canonical);
    if (strcmp(decision->match, decision->canonical) != 0) {
        row->match = borrowed(decision->match);
    }
    row->rule = decision->rule;
    if (decision->matched) {
        row->matched = id_bytes(&decision->matched_id);
    }
    return row;
}

static void pack_identities(Stored__V1__Decision *row, const struct decision *decision,
                            const struct record *record, struct arena *arena) {
    row->n_identities = decision->identity_count;
    row->identities = arena_array(arena, decision->identity_count, sizeof *row->identities);
    for (size_t i = 0; i < decision->identity_count; i++) {
        row->identities[i] = pack_identity(&decision->identities[i], arena);
        row->identities[i]->value = borrowed(record->identities[i].value);
        row->identities[i]->provenance = record->identities[i].provenance;
        if (strcmp(record->identities[i].value, decision->identities[i].canonical) == 0) {
            row->identities[i]->canonical = borrowed("");
        }
    }
    row->n_demoted = decision->demoted_count;
    row->demoted = arena_array(arena, decision->demoted_count, sizeof *row->demoted);
    for (size_t i = 0; i < decision->demoted_count; i++) {
        row->demoted[i] = pack_identity(&decision->demoted[i], arena);
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
        packed->profile = id_bytes(&candidate->id);
        packed->accepted = candidate->accepted;
        packed->rule = candidate->rule;
        packed->n_identity_positions = candidate->position_count;
        packed->identity_positions = (uint32_t *)candidate->positions;
        row->candidates[i] = packed;
    }
}

static void pack_attributes(Stored__V1__Decision *row, const struct record *record,
                            struct arena *arena) {
    row->n_attributes = record->attribute_count;
    row->attributes = arena_array(arena, record->attribute_count, sizeof *row->attributes);
    for (size_t i = 0; i < record->attribute_count; i++) {
        Stored__V1__Attribute *packed = arena_alloc(arena, sizeof *packed);
        stored__v1__attribute__init(packed);
        packed->name = borrowed(attribute_kind_of(record->attributes[i].attribute)->name);
        packed->value = borrowed(record->attributes[i].value);
        /* Source and time are the record's, unless they differ. */
        if (strcmp(record->attributes[i].source, record->source) != 0) {
            packed->source = borrowed(record->attributes[i].source);
        }
        if (record->attributes[i].observe_us != record->observe_us) {
            packed->observe_us = (uint64_t)record->attributes[i].observe_us;
        }
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
    if (record->observe_us != decision->decide_us) {
        row.observe_us = (uint64_t)record->observe_us;
    }
    pack_identities(&row, decision, record, arena);
    pack_attributes(&row, record, arena);
    pack_candidates(&row, decision, arena);
    if (decision->merged_count > 0) {
        row.merged = (ProtobufCBinaryData){decision->merged_count * ID_SIZE,
                                           (uint8_t *)(uintptr_t)decision->merged->bytes};
    }
    return store_pack(arena, &row.base);
}
