/* From a field of a request back to the command line: the request is gone through as the field's
 * path says, and the innermost value on the way that an option gave is what it is about. */

#include "client/cli/origins.h"

#include "client/cli/text.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void origins_note(struct origins *origins, json_t *value, enum cli_option option,
                  const char *name) {
    /* true, false and null are one value each, wherever they stand. */
    if (origins == NULL || value == NULL || json_is_boolean(value) || json_is_null(value)) {
        return;
    }
    origins->items = realloc(origins->items, (origins->count + 1) * sizeof *origins->items);
    assert(origins->items != NULL);
    origins->items[origins->count++] = (struct origin){
        .value = json_incref(value),
        .option = option,
        .name = name == NULL ? NULL : strdup(name),
    };
}

void origins_free(struct origins *origins) {
    for (size_t i = 0; i < origins->count; i++) {
        json_decref(origins->items[i].value);
        free(origins->items[i].name);
    }
    free(origins->items);
    *origins = (struct origins){NULL, 0};
}

static const struct origin *find(const struct origins *origins, const json_t *value) {
    for (size_t i = 0; origins != NULL && i < origins->count; i++) {
        if (origins->items[i].value == value) {
            return &origins->items[i];
        }
    }
    return NULL;
}

/* ---- the way through the request ---- */

/* Where we are: what of the path is left, the value, and what was found on the way. */
struct walk {
    const struct origins *origins;
    const char *rest;
    json_t *value; /* NULL when the request has no such part. Borrowed. */
    const struct origin *origin;
    FILE *out; /* The path as it is told. */
};

static void enter(struct walk *walk, json_t *value) {
    const struct origin *origin = find(walk->origins, value);
    walk->value = value;
    walk->origin = origin == NULL ? walk->origin : origin;
}

/* Whether a key of the JSON, which is in camelCase, is this field, which is in snake_case or is the
 * same. */
static bool is_field(const char *key, const char *field, size_t size) {
    if (strlen(key) == size && strncmp(key, field, size) == 0) {
        return true;
    }
    for (size_t i = 0; i < size; i++, key++) {
        const bool joins = field[i] == '_' && i + 1 < size;
        i += joins ? 1 : 0;
        if (*key != (joins ? (char)toupper((unsigned char)field[i]) : field[i])) {
            return false;
        }
    }
    return *key == '\0';
}

static json_t *member_of(json_t *object, const char *field, size_t size) {
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(object, key, value) {
        if (is_field(key, field, size)) {
            return value;
        }
    }
    return NULL;
}

static int compare_keys(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The key of an object that has so many before it in order; NULL when there are fewer. */
static const char *key_at(json_t *object, size_t position) {
    const size_t count = json_object_size(object);
    if (position >= count) {
        return NULL;
    }
    const char **keys = calloc(count, sizeof *keys);
    assert(keys != NULL);
    size_t used = 0;
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(object, key, value) { keys[used++] = key; }
    qsort((void *)keys, count, sizeof *keys, compare_keys);
    key = keys[position];
    free((void *)keys);
    return key;
}

/* A `[2]`: the item of a list, or the entry of a map. */
static void walk_position(struct walk *walk) {
    char *end = NULL;
    const size_t position = strtoul(walk->rest + 1, &end, 10);
    if (end == walk->rest + 1) {
        walk->value = NULL; /* No path that this program knows. */
        return;
    }
    const char *key = json_is_object(walk->value) ? key_at(walk->value, position) : NULL;
    if (key != NULL) {
        fputc('.', walk->out);
        text_tell(walk->out, key);
        enter(walk, json_object_get(walk->value, key));
    } else {
        fprintf(walk->out, "[%zu]", position);
        enter(walk, json_array_get(walk->value, position));
    }
    walk->rest = end + (*end == ']' ? 1 : 0);
}

/* How long the name is that comes next: a key of a map may have dots of its own. */
static size_t name_size(const struct walk *walk) {
    const size_t plain = strcspn(walk->rest, ".[");
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(walk->value, key, value) {
        const size_t size = strlen(key);
        if (size > plain && strncmp(walk->rest, key, size) == 0 &&
            strchr(".[", walk->rest[size]) != NULL) { /* Or the end. */
            return size;
        }
    }
    return plain;
}

/* A name. */
static void walk_name(struct walk *walk, bool is_first) {
    const size_t size = name_size(walk);
    char *name = strndup(walk->rest, size);
    fputs(is_first ? "" : ".", walk->out);
    text_tell(walk->out, name); /* Out of a file, it may be anything. */
    free(name);
    enter(walk, member_of(walk->value, walk->rest, size));
    walk->rest += size;
}

/* A `.paths[2]` of a mask, which is one string with commas: that field. False when it is none. */
static bool walk_mask(struct walk *walk) {
    static const char begin[] = ".paths[";
    const char *list = json_string_value(walk->value);
    if (list == NULL || strncmp(walk->rest, begin, sizeof begin - 1) != 0) {
        return false;
    }
    char *end = NULL;
    size_t left = strtoul(walk->rest + sizeof begin - 1, &end, 10);
    for (; left > 0 && *list != '\0'; left--) {
        list += strcspn(list, ",");
        list += *list == ',' ? 1 : 0;
    }
    if (*list == '\0' || *end != ']') {
        return false;
    }
    char *field = strndup(list, strcspn(list, ","));
    fputc('.', walk->out);
    text_tell(walk->out, field);
    free(field);
    enter(walk, NULL);
    walk->rest = end + 1;
    return true;
}

static void walk_all(struct walk *walk) {
    const char *begin = walk->rest;
    while (*walk->rest != '\0' && walk->value != NULL) {
        if (walk_mask(walk)) {
            continue;
        }
        if (*walk->rest == '[') {
            walk_position(walk);
        } else {
            walk->rest += *walk->rest == '.' ? 1 : 0;
            walk_name(walk, walk->rest == begin);
        }
    }
    text_tell(walk->out, walk->rest); /* What the request does not have. */
}

void origins_tell(const struct origins *origins, json_t *request, const char *field, FILE *out) {
    char *path = NULL;
    size_t size = 0;
    struct walk walk = {.origins = origins, .rest = field, .value = request};
    walk.out = open_memstream(&path, &size);
    assert(walk.out != NULL);
    walk_all(&walk);
    fclose(walk.out);
    if (walk.origin != NULL) {
        fprintf(out, "--%s", option_get(walk.origin->option)->name);
        if (walk.origin->name != NULL) {
            fputc(' ', out);
            text_tell(out, walk.origin->name);
        }
        fputs(", ", out);
    }
    fputs(path, out);
    free(path);
}
