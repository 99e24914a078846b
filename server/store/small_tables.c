/* The tables of a row or a few: decisions, rules, imports. Their rows are packed messages
 * that the floors above know. */

#include "server/store/view.h"

struct status store_decision_put(struct store_view *view, struct id profile, struct id decision,
                                 struct bytes packed) {
    const struct store_key key = store_key_ids(STORE_TABLE_DECISION, profile, decision);
    return view_put_sealed(view, &key, profile, packed);
}

static struct status tagged_get(struct store_view *view, const struct store_key *key,
                                struct bytes *out) {
    struct bytes row;
    TRY(view_get(view, key, &row));
    return view_untagged(view->store, store_key_bytes(key), row, out);
}

struct status store_rules_get(struct store_view *view, struct bytes *out) {
    const struct store_key key = store_key_table(STORE_TABLE_RULES);
    return tagged_get(view, &key, out);
}

struct status store_rules_put(struct store_view *view, struct bytes packed) {
    const struct store_key key = store_key_table(STORE_TABLE_RULES);
    return view_put_tagged(view, &key, packed);
}

struct status store_attribute_rules_get(struct store_view *view, struct bytes *out) {
    const struct store_key key = store_key_table(STORE_TABLE_ATTRIBUTE_RULES);
    return tagged_get(view, &key, out);
}

struct status store_attribute_rules_put(struct store_view *view, struct bytes packed) {
    const struct store_key key = store_key_table(STORE_TABLE_ATTRIBUTE_RULES);
    return view_put_tagged(view, &key, packed);
}

static struct store_key import_key(struct store_view *view, const char *import_id) {
    return store_key_hash(STORE_TABLE_IMPORT, view_hash(view->store, "import", import_id, ""));
}

struct status store_import_get(struct store_view *view, const char *import_id, struct bytes *out) {
    const struct store_key key = import_key(view, import_id);
    return tagged_get(view, &key, out);
}

struct status store_import_put(struct store_view *view, const char *import_id,
                               struct bytes packed) {
    const struct store_key key = import_key(view, import_id);
    return view_put_tagged(view, &key, packed);
}
