/* Accounts on social networks: what people copy is a name, a name with an @, or the address of a
 * page. A table says for each network where its pages are and which of them are not accounts. */

#include "server/identity/handle.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "server/identity/text.h"

/* How a network writes the pages of accounts. All literals are lower case. */
struct network {
    const char *type;  /* Name of the identity type. */
    const char *hosts; /* Domains between spaces; subdomains (www, m, mobile, ar-ar) count too. */
    const char *under; /* The path segment that the name stands under; NULL: it is the first. */
    bool at_sign;      /* Pages of accounts have an @ before the name. */
    const char *pages; /* First segments, between spaces, that are no accounts. */
};

static const struct network networks[] = {
    {"twitter", " twitter.com x.com ", NULL, false,
     " compose explore hashtag home i intent messages notifications search settings share "},
    {"facebook", " facebook.com fb.com m.me ", NULL, false,
     " dialog events groups hashtag l.php login marketplace pages people permalink.php photo "
     "photo.php photos plugins posts reel search share share.php sharer sharer.php stories "
     "story.php video.php videos watch "},
    {"instagram", " instagram.com instagr.am ", NULL, false,
     " accounts direct explore p reel reels stories tv "},
    {"tiktok", " tiktok.com ", NULL, true, " "},
    {"linkedin", " linkedin.com ", "in", false, " "},
};

static struct status invalid(const char *text) {
    return status_of(STATUS_INVALID_ARGUMENT, REASON_FIELD_INVALID, text);
}

static const struct network *network_find(const char *type) {
    for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++) {
        if (strcmp(networks[i].type, type) == 0) {
            return &networks[i];
        }
    }
    return NULL;
}

/* Whether a list of words between spaces has this one, in any case. */
static bool list_has(const char *list, const char *word, size_t size) {
    for (const char *at = list; size > 0 && (at = strcasestr(at, " ")) != NULL; at++) {
        if (strncasecmp(at + 1, word, size) == 0 && at[1 + size] == ' ') {
            return true;
        }
    }
    return false;
}

/* Whether a host, or a domain that it is under, is in the list. */
static bool host_is_listed(const char *hosts, const char *host, size_t size) {
    for (size_t start = 0; start < size; start++) {
        if ((start == 0 || host[start - 1] == '.') && list_has(hosts, host + start, size - start)) {
            return true;
        }
    }
    return false;
}

/* ---- addresses of pages ---- */

static int hex_value(char character) {
    if (isdigit((unsigned char)character)) {
        return character - '0';
    }
    return isxdigit((unsigned char)character) ? tolower((unsigned char)character) - 'a' + 10 : -1;
}

/* Decodes %41 and the like; what is no such thing stays, and %00 too. */
static const char *percent_decode(struct bytes encoded, struct arena *arena) {
    char *decoded = arena_string(arena, encoded);
    char *end = decoded;
    for (const char *at = decoded; *at != '\0'; at++) {
        const int high = *at == '%' ? hex_value(at[1]) : -1;
        const int low = high >= 0 ? hex_value(at[2]) : -1;
        if (low >= 0 && high + low > 0) {
            *end++ = (char)(high * 16 + low);
            at += 2;
        } else {
            *end++ = *at;
        }
    }
    *end = '\0';
    return decoded;
}

/* The next segment of a path, without its slashes; *path moves behind it. Its size is 0 at the
 * end. */
static struct bytes path_next(const char **path) {
    const char *start = *path + strspn(*path, "/");
    const size_t size = strcspn(start, "/?#");
    *path = start + size;
    return bytes_of(start, size);
}

static bool segment_is(struct bytes segment, const char *word) {
    return segment.size == strlen(word) &&
           strncasecmp((const char *)segment.data, word, segment.size) == 0;
}

/* facebook.com/profile.php?id=123 and facebook.com/people/NAME/123 name accounts by number. */
static struct bytes facebook_number(struct bytes first, const char *rest) {
    if (segment_is(first, "people")) {
        (void)path_next(&rest);
        return path_next(&rest);
    }
    for (const char *at = rest; *at == '?' || *at == '&'; at += 1 + strcspn(at + 1, "&#")) {
        if (strncmp(at + 1, "id=", 3) == 0) {
            return bytes_of(at + 4, strcspn(at + 4, "&#"));
        }
    }
    return bytes_of("", 0);
}

/* The segment of a path that names the account; its size is 0 when there is none. */
static struct bytes path_account(const struct network *network, const char *path) {
    struct bytes first = path_next(&path);
    const bool is_facebook = strcmp(network->type, "facebook") == 0;
    if (is_facebook && (segment_is(first, "profile.php") || segment_is(first, "people"))) {
        return facebook_number(first, path);
    }
    if (is_facebook && segment_is(first, "pg")) {
        first = path_next(&path);
    }
    if (network->under != NULL) {
        return segment_is(first, network->under) ? path_next(&path) : bytes_of("", 0);
    }
    if (network->at_sign && (first.size == 0 || (first.data[0] != '@' && first.data[0] != '%'))) {
        return bytes_of("", 0);
    }
    return list_has(network->pages, (const char *)first.data, first.size) ? bytes_of("", 0) : first;
}

/* The size of a scheme and its ://, or of a bare //; 0 when there is none. */
static size_t scheme_size(const char *text) {
    static const char *const schemes[] = {"https://", "http://", "//"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (strncasecmp(text, schemes[i], strlen(schemes[i])) == 0) {
            return strlen(schemes[i]);
        }
    }
    return 0;
}

/* Takes the account out of the address of a page; what is no address stays as it is. */
static struct status address_read(const struct network *network, const char *text,
                                  struct arena *arena, const char **out) {
    const size_t scheme = scheme_size(text);
    const char *host = text + scheme;
    const size_t host_size = strcspn(host, "/?#:");
    const bool is_listed = network != NULL && host_is_listed(network->hosts, host, host_size);
    if (scheme == 0 && !is_listed) {
        *out = text;
        return OK;
    }
    if (!is_listed) {
        return invalid("is an address of another site");
    }
    const char *path = host + host_size;
    if (*path == ':') {
        path += 1 + strspn(path + 1, "0123456789");
    }
    const struct bytes account = path_account(network, path);
    if (account.size == 0) {
        return invalid("is an address that names no account");
    }
    *out = percent_decode(account, arena);
    return OK;
}

/* ---- names ---- */

/* What is wrong with a name; NULL when nothing is. */
static const char *name_fault(const char *name) {
    if (*name == '\0') {
        return "names no account";
    }
    for (const char *cursor = name; *cursor != '\0';) {
        const int32_t character = text_next(&cursor);
        if (text_is_space(character)) {
            return "has a space inside";
        }
        if (character < 0x20 || (character >= 0x7F && character < 0xA0)) {
            return "has a control character";
        }
        if (character < 0x80 && strchr("/?#@\\:", character) != NULL) {
            return "has a character that no account name has";
        }
    }
    return NULL;
}

/* Without compatibility forms, the space and marks round it, the @ before it; in lower case where
 * the network ignores case. */
static struct status name_canonicalise(const struct identity_type *type, const char *name,
                                       struct arena *arena, const char **out) {
    if (!(type->fold_case ? text_fold(name, arena, &name) : text_nfkc(name, arena, &name))) {
        return invalid("is not UTF-8");
    }
    const char *before = NULL;
    do {
        before = name;
        name = text_trim(name, arena);
        name += strspn(name, "@");
    } while (name != before);
    const char *fault = name_fault(name);
    if (fault != NULL) {
        return invalid(fault);
    }
    *out = name;
    return OK;
}

struct status handle_canonicalise(const struct identity_type *type, const char *value,
                                  struct arena *arena, const char **out) {
    const struct network *network = network_find(type->name);
    const char *text = NULL;
    if (!text_nfkc(value, arena, &text)) {
        return invalid("is not UTF-8");
    }
    const char *name = "";
    TRY(address_read(network, text_trim(text, arena), arena, &name));
    TRY(name_canonicalise(type, name, arena, &name));
    /* The site itself is no account, and would not be its own canonical form. */
    if (network != NULL && host_is_listed(network->hosts, name, strlen(name))) {
        return invalid("is an address that names no account");
    }
    *out = name;
    return OK;
}
