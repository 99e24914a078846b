/* E-mail addresses, by the clauses of RFC 5321 (4.1.2 and 4.5.3.1) with RFC 6531's characters. The
 * domain is libidn2's to judge; here only the shape of its labels is checked once more, since what
 * comes out must be a name that mail can be sent to. */

#include "server/identity/email.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <idn2.h>
#include <string.h>

#include "server/identity/text.h"

static struct status invalid(const char *text) {
    return status_of(STATUS_INVALID_ARGUMENT, REASON_FIELD_INVALID, text);
}

/* ---- the local part ---- */

/* RFC 5322, 3.2.3: atext, and RFC 6531, 3.3: any character beyond ASCII. Those that nobody sees are
 * left out: two addresses must not look the same. */
static bool is_atext(int32_t character) {
    if (character < 0) {
        return false;
    }
    if (character < 0x80) {
        return isalnum(character) ||
               (character != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", character) != NULL);
    }
    return !text_is_space(character) && !text_is_invisible(character);
}

/* RFC 5321, 4.1.2: Dot-string = Atom *("." Atom). */
static bool is_dot_string(const char *local) {
    bool atom_is_empty = true;
    for (const char *cursor = local; *cursor != '\0';) {
        const int32_t character = text_next(&cursor);
        if (character == '.' ? atom_is_empty : !is_atext(character)) {
            return false;
        }
        atom_is_empty = character == '.';
    }
    return !atom_is_empty;
}

/* The end of a quoted string, behind its closing quote; NULL when it is not closed or holds
 * something that RFC 5321, 4.1.2 does not allow: qtextSMTP is %d32-33 / %d35-91 / %d93-126,
 * quoted-pairSMTP is a backslash and %d32-126. */
static const char *quoted_end(const char *quoted) {
    for (const char *at = quoted + 1; *at != '\0'; at++) {
        if (*at == '"') {
            return at + 1;
        }
        if (*at == '\\') {
            at++;
            if (*at < 32 || *at > 126) {
                return NULL;
            }
        }
    }
    return NULL;
}

/* The content of a quoted string of `size` bytes, quotes included. */
static const char *unquote(const char *quoted, size_t size, struct arena *arena) {
    char *content = arena_alloc(arena, size);
    char *end = content;
    for (size_t i = 1; i + 1 < size; i++) {
        i += quoted[i] == '\\' ? 1 : 0;
        *end++ = quoted[i];
    }
    return content;
}

static const char *quote(const char *content, struct arena *arena) {
    char *quoted = arena_alloc(arena, 2 * strlen(content) + 3);
    char *end = quoted;
    *end++ = '"';
    for (const char *at = content; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\') {
            *end++ = '\\';
        }
        *end++ = *at;
    }
    *end = '"';
    return quoted;
}

/* The text, in NFC, with a plain i for the Turkish capital İ, which case-folding makes an i with
 * a dot above: keyboards write one where the other is meant. */
static const char *plain_i(const char *text, struct arena *arena) {
    enum { CAPITAL_I_WITH_DOT = 0x0130, DOT_ABOVE = 0x0307 };
    if (text_is_ascii(text)) {
        return text;
    }
    char *plain = arena_alloc(arena, strlen(text) + 1);
    char *end = plain;
    bool is_behind_i = false;
    for (const char *cursor = text; *cursor != '\0';) {
        const char *at = cursor;
        const int32_t character = text_next(&cursor);
        if (character == DOT_ABOVE && is_behind_i) {
            continue;
        }
        is_behind_i = character == 'i' || character == CAPITAL_I_WITH_DOT;
        if (character == CAPITAL_I_WITH_DOT) {
            *end++ = 'i';
            continue;
        }
        memcpy(end, at, (size_t)(cursor - at));
        end += cursor - at;
    }
    return plain;
}

/* The first `size` bytes of an address, up to the @, in canonical form. */
static struct status local_canonicalise(const char *address, size_t size, struct arena *arena,
                                        const char **out) {
    const bool is_quoted = *address == '"';
    const char *local =
        is_quoted ? unquote(address, size, arena) : arena_string(arena, bytes_of(address, size));
    if (!text_fold_case(plain_i(local, arena), arena, &local)) {
        return invalid("is not UTF-8");
    }
    if (!is_dot_string(local)) {
        if (!is_quoted) {
            return invalid(*local == '\0'
                               ? "has nothing before the @"
                               : "has a character or a dot before the @ that cannot be there");
        }
        local = quote(local, arena);
    }
    if (strlen(local) > EMAIL_LOCAL_SIZE_MAX) {
        return invalid("has more than 64 bytes before the @");
    }
    *out = local;
    return OK;
}

/* ---- the domain ---- */

/* RFC 5321, 4.1.3: [IPv4] or [IPv6:...]; other literals reach nobody. */
static struct status literal_canonicalise(const char *literal, struct arena *arena,
                                          const char **out) {
    const size_t size = strlen(literal);
    if (size < 2 || literal[size - 1] != ']') {
        return invalid("has an address literal that is not closed");
    }
    const char *address = arena_string(arena, bytes_of(literal + 1, size - 2));
    const bool is_v6 = strncasecmp(address, "IPv6:", 5) == 0;
    const int family = is_v6 ? AF_INET6 : AF_INET;
    struct in6_addr binary;
    char canonical[INET6_ADDRSTRLEN];
    if (inet_pton(family, is_v6 ? address + 5 : address, &binary) != 1 ||
        inet_ntop(family, &binary, canonical, sizeof canonical) == NULL) {
        return invalid("has an address literal that is no internet address");
    }
    *out = arena_format(arena, is_v6 ? "[ipv6:%s]" : "[%s]", canonical);
    return OK;
}

/* What is wrong with a domain of ASCII letters, digits, hyphens and dots; NULL when nothing is. */
static const char *domain_fault(const char *domain) {
    size_t dots = 0;
    size_t label_size = 0;
    for (const char *at = domain;; at++) {
        if (*at != '.' && *at != '\0') {
            if (!isalnum((unsigned char)*at) && *at != '-') {
                return "has a character in the domain that cannot be there";
            }
            if (*at == '-' && label_size == 0) {
                return "has a hyphen at the edge of a part of the domain";
            }
            label_size++;
            continue;
        }
        if (label_size == 0) {
            return "has an empty part in the domain";
        }
        if (at[-1] == '-') {
            return "has a hyphen at the edge of a part of the domain";
        }
        if (label_size > EMAIL_LABEL_SIZE_MAX) {
            return "has a part in the domain of more than 63 characters";
        }
        if (*at == '\0') {
            return dots == 0 ? "has no dot in the domain" : NULL;
        }
        dots++;
        label_size = 0;
    }
}

/* Whether IDNA has nothing to say about a domain: ASCII without an encoded label. */
static bool is_plain(const char *domain) {
    return text_is_ascii(domain) && strcasestr(domain, "xn--") == NULL;
}

static struct status domain_canonicalise(const char *domain, struct arena *arena,
                                         const char **out) {
    if (*domain == '\0') {
        return invalid("has nothing behind the @");
    }
    if (*domain == '[') {
        return literal_canonicalise(domain, arena, out);
    }
    const char *ascii = domain;
    if (!is_plain(domain)) {
        /* UTS 46 without the transitional mappings: straße.example is not strasse.example. */
        uint8_t *encoded = NULL;
        if (idn2_lookup_u8((const uint8_t *)domain, &encoded,
                           IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK) {
            return invalid("has a domain that is no international domain name");
        }
        ascii = arena_string(arena, bytes_of_string((const char *)encoded));
        idn2_free(encoded);
    }
    const char *fault = domain_fault(ascii);
    if (fault != NULL) {
        return invalid(fault);
    }
    if (!text_fold_case(ascii, arena, out)) {
        return invalid("has a domain that is no international domain name");
    }
    return OK;
}

/* ---- the whole ---- */

/* A line break or the like is no part of an address, not even round it; a tab round it is space. */
static bool has_foreign_control(const char *text) {
    for (const char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20 ? *at != '\t' : *at == 0x7F) {
            return true;
        }
    }
    return false;
}

/* The @ that ends the local part. */
static struct status find_at(const char *address, const char **out) {
    const char *at = strchr(address, '@');
    if (*address == '"') {
        at = quoted_end(address);
        if (at == NULL || *at != '@') {
            return invalid("has a quoted part that is not closed before the @");
        }
    }
    if (at == NULL) {
        return invalid("has no @");
    }
    if (strchr(at + 1, '@') != NULL) {
        return invalid("has more than one @");
    }
    *out = at;
    return OK;
}

struct status email_canonicalise(const char *value, struct arena *arena, const char **out) {
    if (has_foreign_control(value)) {
        return invalid("has a control character");
    }
    const char *address = NULL;
    if (!text_nfc(value, arena, &address)) {
        return invalid("is not UTF-8");
    }
    address = text_trim(address, arena);
    const char *at = NULL;
    TRY(find_at(address, &at));
    const char *local = NULL;
    TRY(local_canonicalise(address, (size_t)(at - address), arena, &local));
    const char *domain = NULL;
    TRY(domain_canonicalise(at + 1, arena, &domain));
    if (strlen(local) + 1 + strlen(domain) > EMAIL_SIZE_MAX) {
        return invalid("has more than 254 bytes");
    }
    *out = arena_format(arena, "%s@%s", local, domain);
    return OK;
}

/* ---- comparing ---- */

/* The local part of a canonical address as a form has it, from `at` on to `end`. */
struct local {
    const char *at;
    const char *end;
    bool without_dots;
};

static struct local local_in_form(const char *address, uint32_t form) {
    const char *end = address + strcspn(address, "@");
    if (*address == '"') {
        return (struct local){address, strrchr(address, '@'), false};
    }
    /* A + that comes first begins no tag: there would be no mailbox before it. */
    const char *tag = address == end ? end : address + 1 + strcspn(address + 1, "+@");
    return (struct local){address, (form & EMAIL_FORM_NO_TAG) != 0 ? tag : end,
                          (form & EMAIL_FORM_NO_DOTS) != 0};
}

/* Moves over one byte of it and gives it; 0 at its end. */
static char local_next(struct local *local) {
    while (local->without_dots && local->at < local->end && *local->at == '.') {
        local->at++;
    }
    return local->at < local->end ? *local->at++ : '\0';
}

const char *email_in_form(const char *address, uint32_t form, struct arena *arena) {
    const char *at = strrchr(address, '@');
    if (form == EMAIL_FORM_WHOLE || at == NULL) {
        return address;
    }
    char *folded = arena_alloc(arena, strlen(address) + 1);
    char *out = folded;
    struct local local = local_in_form(address, form);
    for (char next = local_next(&local); next != '\0'; next = local_next(&local)) {
        *out++ = next;
    }
    if (out - folded == at - address) {
        return address; /* There was nothing to ignore. */
    }
    memcpy(out, at, strlen(at) + 1);
    return folded;
}

bool email_is_same(const char *one, const char *other, uint32_t form) {
    const char *one_at = strrchr(one, '@');
    const char *other_at = strrchr(other, '@');
    if (one_at == NULL || other_at == NULL || strcmp(one_at, other_at) != 0) {
        return false;
    }
    struct local one_local = local_in_form(one, form);
    struct local other_local = local_in_form(other, form);
    for (;;) { /* To the end of one of them. */
        const char next = local_next(&one_local);
        if (next != local_next(&other_local)) {
            return false;
        }
        if (next == '\0') {
            return true;
        }
    }
}
