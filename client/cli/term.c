/* Labels and masks of what is called by names in several languages. */

#include "client/cli/term.h"

#include "client/cli/text.h"
#include "client/json.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { MASK_SIZE = 256 };

json_t *term_mask(const json_t *object, const char *const *fields, size_t count) {
    char mask[MASK_SIZE] = "";
    for (size_t i = 0; i < count; i++) {
        if (json_object_get(object, fields[i]) != NULL) {
            text_append(mask, sizeof mask, ",", fields[i]);
        }
    }
    return json_string(mask);
}

/* The key of the language among labels, however it is written; NULL for none. Borrowed. */
static const char *find_language(json_t *labels, const char *language) {
    const char *key = NULL;
    json_t *text = NULL;
    json_object_foreach(labels, key, text) {
        if (strcasecmp(key, language) == 0) {
            return key;
        }
    }
    return NULL;
}

static json_t *labels_of(const ProtobufCMessage *message) {
    json_t *kept = json_from_message(message);
    json_t *labels = json_object_get(kept, "labels");
    labels = labels == NULL ? json_object() : json_incref(labels);
    json_decref(kept);
    return labels;
}

bool term_labels_add(json_t *object, const ProtobufCMessage *there, const char *noun) {
    json_t *labels = labels_of(there);
    bool good = true;
    const char *language = NULL;
    json_t *text = NULL;
    json_object_foreach(json_object_get(object, "labels"), language, text) {
        const char *before = find_language(labels, language);
        if (before != NULL) {
            json_object_del(labels, before);
        }
        if (json_string_length(text) > 0) {
            json_object_set(labels, language, text);
        } else if (before == NULL) {
            fputs("profilectl: --label ", stderr);
            text_tell(stderr, language);
            fprintf(stderr, "=: the %s is not called anything in this language\n", noun);
            good = false;
        }
    }
    json_object_set_new(object, "labels", labels);
    return good;
}
