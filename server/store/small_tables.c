/* The tables of a row or a few: rules, themes, channels, imports. Their rows are packed messages
 * that the floors above know. */

#include <assert.h>

#include "server/base/limits.h"
#include "server/store/view.h"

struct status store_rules_get(struct store_view *view, struct bytes *out) {
    const struct store_key key = store_key_table(STORE_TABLE_RULES);
    return view_get_tagged(view, &key, out);
}

struct status store_rules_get_version(struct store_view *view, uint64_t rule_version,
                                      struct bytes *out) {
    const struct store_key key = store_key_rules(rule_version);
    return view_get_tagged(view, &key, out);
}

struct status store_rules_put(struct store_view *view, uint64_t rule_version, struct bytes packed) {
    assert(rule_version > 1);
    const struct store_key key = store_key_table(STORE_TABLE_RULES);
    struct bytes present;
    TRY(view_get_tagged(view, &key, &present));
    if (present.data != NULL) {
        const struct store_key kept = store_key_rules(rule_version - 1);
        TRY(view_put_tagged(view, &kept, present));
    }
    if (rule_version > RULE_VERSIONS_MAX) {
        const struct store_key oldest = store_key_rules(rule_version - RULE_VERSIONS_MAX);
        view_delete(view, &oldest);
    }
    return view_put_tagged(view, &key, packed);
}

struct status store_attribute_rules_get(struct store_view *view, struct bytes *out) {
    const struct store_key key = store_key_table(STORE_TABLE_ATTRIBUTE_RULES);
    return view_get_tagged(view, &key, out);
}

struct status store_attribute_rules_put(struct store_view *view, struct bytes packed) {
    const struct store_key key = store_key_table(STORE_TABLE_ATTRIBUTE_RULES);
    return view_put_tagged(view, &key, packed);
}

struct status store_definition_get(struct store_view *view, const char *name, struct bytes *out) {
    const struct store_key key = store_key_definition(bytes_of_string(name));
    return view_get_tagged(view, &key, out);
}

struct status store_definition_put(struct store_view *view, const char *name, struct bytes packed) {
    const struct store_key key = store_key_definition(bytes_of_string(name));
    return view_put_tagged(view, &key, packed);
}

struct status store_themes_get(struct store_view *view, struct bytes *out) {
    const struct store_key key = store_key_table(STORE_TABLE_THEMES);
    return view_get_tagged(view, &key, out);
}

struct status store_themes_put(struct store_view *view, struct bytes packed) {
    const struct store_key key = store_key_table(STORE_TABLE_THEMES);
    return view_put_tagged(view, &key, packed);
}

struct status store_channels_get(struct store_view *view, struct bytes *out) {
    const struct store_key key = store_key_table(STORE_TABLE_CHANNELS);
    return view_get_tagged(view, &key, out);
}

struct status store_channels_put(struct store_view *view, struct bytes packed) {
    const struct store_key key = store_key_table(STORE_TABLE_CHANNELS);
    return view_put_tagged(view, &key, packed);
}

static struct store_key import_key(struct store_view *view, enum store_import kind,
                                   const char *import_id) {
    static const char *const names[] = {
        [STORE_IMPORT_PROFILES] = "import",
        [STORE_IMPORT_INTERACTIONS] = "stream of interactions",
    };
    return store_key_hash(STORE_TABLE_IMPORT, view_hash(view->store, names[kind], import_id, ""));
}

struct status store_import_get(struct store_view *view, enum store_import kind,
                               const char *import_id, struct bytes *out) {
    const struct store_key key = import_key(view, kind, import_id);
    return view_get_tagged(view, &key, out);
}

struct status store_import_put(struct store_view *view, enum store_import kind,
                               const char *import_id, struct bytes packed) {
    const struct store_key key = import_key(view, kind, import_id);
    return view_put_tagged(view, &key, packed);
}
