/* Which values identify nobody: placeholder.h's, numbers that fingers find, mailboxes that many
 * people have or nobody. Comparing needs no memory: a character at a time, in lower case. */

#include "server/identity/block.h"

#include <stddef.h>
#include <string.h>
#include <utf8proc.h>

#include "server/base/bytes.h"
#include "server/identity/email.h"
#include "server/identity/pattern.h"
#include "server/identity/phone.h"
#include "server/identity/placeholder.h"
#include "server/identity/text.h"

enum {
    REPEATED_MIN = 4,       /* So that short numbers, as 7 or 999, live. */
    REPEATED_PLAIN_MIN = 5, /* 1111 is an id after 1110; 11111 is not believed. */
    REPEATED_END_MIN = 7,   /* Of a phone number. */
    MAILBOX_SIZE_MAX = 32,  /* Bytes of a mailbox in the lists, with its NUL. */
};

/* Local parts that are placeholders at every domain: noemail@..., compared without separators. */
static const char *const placeholder_mailboxes[] = {
    "noemail",      "nomail",    "donthaveemail", "noemailaddress",
    "none",         "null",      "undefined",     "unknown",
    "anonymous",    "na",        "n/a",           "notprovided",
    "notavailable", "fakeemail", "fake",          "invalid",
};

/* Local parts that are placeholders at a domain of the same name: test@test.com, a@a.com. */
static const char *const mirrored_mailboxes[] = {
    "test", "testing", "email", "mail", "example", "sample", "dummy",  "temp",  "user",
    "name", "abc",     "asd",   "asdf", "qwe",     "qwerty", "xyz",    "aa",    "aaa",
    "xx",   "xxx",     "123",   "1234", "12345",   "no",     "domain", "guest", "gmail",
};

/* Mailboxes of a role, behind which there are many people, or none. Compared without separators and
 * +tags: no-reply+7@ is noreply. */
static const char *const role_mailboxes[] = {
    /* RFC 2142, the mailboxes that an organisation should have. */
    "info",
    "marketing",
    "sales",
    "support",
    "abuse",
    "noc",
    "security",
    "postmaster",
    "hostmaster",
    "usenet",
    "news",
    "webmaster",
    "www",
    "uucp",
    "ftp",
    /* Machines. */
    "noreply",
    "donotreply",
    "donotanswer",
    "mailerdaemon",
    "mailer",
    "daemon",
    "bounce",
    "bounces",
    "notification",
    "notifications",
    "notify",
    "alert",
    "alerts",
    "automated",
    "autoreply",
    "robot",
    "bot",
    "system",
    "root",
    "sysadmin",
    "newsletter",
    "newsletters",
    "subscribe",
    "unsubscribe",
    "list",
    "lists",
    /* The way in. */
    "contact",
    "contacts",
    "contactus",
    "hello",
    "hi",
    "hey",
    "mail",
    "email",
    "inbox",
    "office",
    "reception",
    "frontdesk",
    "general",
    "enquiry",
    "enquiries",
    "inquiry",
    "inquiries",
    "ask",
    "question",
    "questions",
    "feedback",
    "suggestions",
    "complaint",
    "complaints",
    "team",
    "staff",
    "company",
    "everyone",
    /* Departments. */
    "admin",
    "admins",
    "administrator",
    "administration",
    "accounts",
    "accounting",
    "account",
    "finance",
    "billing",
    "invoice",
    "invoices",
    "payment",
    "payments",
    "payroll",
    "purchasing",
    "procurement",
    "orders",
    "order",
    "shipping",
    "delivery",
    "returns",
    "refunds",
    "warehouse",
    "customerservice",
    "customerservices",
    "customercare",
    "customersupport",
    "custserv",
    "care",
    "service",
    "services",
    "servicedesk",
    "help",
    "helpdesk",
    "helpline",
    "techsupport",
    "technical",
    "itsupport",
    "hr",
    "humanresources",
    "recruitment",
    "recruiting",
    "recruiter",
    "jobs",
    "career",
    "careers",
    "cv",
    "press",
    "media",
    "pr",
    "publicrelations",
    "communications",
    "legal",
    "compliance",
    "privacy",
    "dpo",
    "gdpr",
    "dataprotection",
    "management",
    "manager",
    "director",
    "secretary",
    "secretariat",
    "reservation",
    "reservations",
    "booking",
    "bookings",
    "events",
    "ads",
    "advertising",
    "partners",
    "partnership",
    "partnerships",
    "business",
    "wholesale",
    "export",
    "shop",
    "store",
    "web",
    "website",
    "hosting",
    "domains",
    "dns",
    "registrar",
    "membership",
    "members",
    "social",
    "library",
    "school",
    "admissions",
    "registration",
    "register",
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- comparing ---- */

/* Moves over one character and gives it in lower case. */
static int32_t next_lower(const char **cursor) {
    const unsigned char byte = (unsigned char)**cursor;
    if (byte < 0x80) { /* Most of what comes: no need of tables. */
        *cursor += byte == 0 ? 0 : 1;
        return byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte;
    }
    const int32_t character = text_next(cursor);
    return character < 0 ? -1 : utf8proc_tolower(character);
}

/* Whether two texts are equal but for case. */
static bool is_same(const char *a, const char *b) {
    while (*a != '\0' && *b != '\0') {
        if (next_lower(&a) != next_lower(&b)) {
            return false;
        }
    }
    return *a == *b;
}

/* The first characters are compared on their own: they tell nearly all words apart. */
static bool list_has(const char *const *words, size_t count, const char *text) {
    const char *rest = text;
    const int32_t first = next_lower(&rest);
    for (size_t i = 0; i < count; i++) {
        const char *word = words[i];
        if (next_lower(&word) == first && is_same(rest, word)) {
            return true;
        }
    }
    return false;
}

/* The mailbox of an address: its local part up to a +tag, without `-`, `_` and `.`; "" when it is
 * longer than any mailbox of the lists. */
static const char *mailbox_of(const char *address, char out[MAILBOX_SIZE_MAX]) {
    size_t size = 0;
    for (const char *at = address; *at != '\0' && *at != '@' && *at != '+'; at++) {
        if (*at == '-' || *at == '_' || *at == '.') {
            continue;
        }
        if (size + 1 == MAILBOX_SIZE_MAX) {
            return "";
        }
        out[size++] = *at;
    }
    out[size] = '\0';
    return out;
}

/* ---- the rules ---- */

static bool is_placeholder_mailbox(const char *address) {
    char buffer[MAILBOX_SIZE_MAX];
    const char *mailbox = mailbox_of(address, buffer);
    if (list_has(placeholder_mailboxes, COUNT(placeholder_mailboxes), mailbox)) {
        return true;
    }
    const size_t local_size = strcspn(address, "@");
    const char *domain = address + local_size + (address[local_size] == '@' ? 1 : 0);
    return bytes_equal(bytes_of(address, local_size), bytes_of(domain, strcspn(domain, "."))) &&
           (local_size == 1 || list_has(mirrored_mailboxes, COUNT(mirrored_mailboxes), mailbox));
}

/* Plain ids and chosen names: short and simple ones are real. */
static bool is_plain(const struct identity_type *type) {
    return type->normalizer == NORMALIZER_EXACT || type->normalizer == NORMALIZER_HANDLE;
}

/* Whether a number is, as a whole, what fingers find: 0123456789. One that only ends so, as
 * 0512345678, is a number that somebody has. */
static bool is_placeholder_number(const char *national) {
    static const char *const numbers[] = {"12345678", "123456789", "1234567890", "23456789",
                                          "234567890"};
    return list_has(numbers, COUNT(numbers), national);
}

static bool is_placeholder(const struct identity_type *type, const char *canonical) {
    switch (type->normalizer) {
    case NORMALIZER_EMAIL:
        return strchr(canonical, '@') == NULL || is_placeholder_mailbox(canonical);
    case NORMALIZER_PHONE:
        return *canonical != '+' || is_placeholder_number(phone_national_part(canonical));
    case NORMALIZER_EXACT:
    case NORMALIZER_HANDLE:
        return placeholder_kind_of(canonical) == PLACEHOLDER_ALWAYS;
    case NORMALIZER_CASE_FOLD:
    case NORMALIZER_DIGITS:
    case NORMALIZER_UNSPECIFIED:
        break;
    }
    return placeholder_kind_of(canonical) != PLACEHOLDER_NONE;
}

/* Whether an address is one of the list but for what the type ignores. */
static bool list_has_address(const struct identity_type *type, const char *address) {
    for (size_t i = 0; i < type->blocked_count; i++) {
        if (email_is_same(type->blocked[i], address, type->email_form)) {
            return true;
        }
    }
    return false;
}

static bool is_on_list(const struct identity_type *type, const char *canonical) {
    return list_has(type->blocked, type->blocked_count, canonical) ||
           (type->email_form != EMAIL_FORM_WHOLE && list_has_address(type, canonical));
}

static bool is_blocked_value(const struct identity_type *type, const char *canonical) {
    return is_placeholder(type, canonical) || is_on_list(type, canonical);
}

/* What stands between the parts of one number or one id: a dash, a space, a bracket. */
static bool is_joint(int32_t character) {
    return text_is_space(character) ||
           (character > 0 && character < 0x80 && strchr("-(){}[]", character) != NULL);
}

/* Whether there are only zeros and punctuation, in any script, or only one character, `count_min`
 * times or more, where joints do not count. */
static bool is_repeated(const char *text, size_t count_min) {
    int32_t only = 0;
    size_t count = 0;
    bool has_marks = false;
    for (const char *cursor = text; *cursor != '\0';) {
        const int32_t character = text_next(&cursor);
        if (is_joint(character)) {
            continue;
        }
        if (character != '_' && text_is_punctuation(character)) {
            has_marks = true;
            continue;
        }
        const int digit = text_digit_value(character);
        const int32_t same = digit >= 0 ? '0' + digit : utf8proc_tolower(character);
        if (count > 0 && same != only) {
            return false;
        }
        only = same;
        count++;
    }
    return count == 0 || only == '0' || (!has_marks && count >= count_min);
}

/* Whether a number ends in one digit many times: 0500000000, 0511111111. */
static bool has_repeated_end(const char *national) {
    const size_t size = strlen(national);
    if (size < REPEATED_END_MIN) {
        return false;
    }
    const char *end = national + size - REPEATED_END_MIN;
    const char digit[] = {*end, '\0'};
    return strspn(end, digit) == REPEATED_END_MIN;
}

static bool is_repeated_value(const struct identity_type *type, const char *canonical) {
    if (type->normalizer == NORMALIZER_PHONE) {
        const char *national = phone_national_part(canonical);
        return is_repeated(national, REPEATED_MIN) || has_repeated_end(national);
    }
    return is_repeated(canonical, is_plain(type) ? REPEATED_PLAIN_MIN : REPEATED_MIN);
}

static bool is_role_mailbox(const char *address) {
    char buffer[MAILBOX_SIZE_MAX];
    return list_has(role_mailboxes, COUNT(role_mailboxes), mailbox_of(address, buffer));
}

bool identity_block_rule(const struct identity_type *type, const char *canonical,
                         enum block_rule *out) {
    if (is_blocked_value(type, canonical)) {
        *out = BLOCK_VALUE;
    } else if (is_repeated_value(type, canonical)) {
        *out = BLOCK_REPEATED;
    } else if (text_length(canonical) < type->min_length) {
        *out = BLOCK_SHORT;
    } else if (type->block_role_mailboxes && type->normalizer == NORMALIZER_EMAIL &&
               is_role_mailbox(canonical)) {
        *out = BLOCK_ROLE_MAILBOX;
    } else if (patterns_block(type->patterns, type->pattern_count, canonical)) {
        *out = BLOCK_PATTERN;
    } else {
        return false;
    }
    return true;
}

bool block_is_listed(const struct identity_type *type, const char *canonical) {
    return is_on_list(type, canonical) && !is_placeholder(type, canonical);
}

/* Digits, and what stands between them; `.0` is no more than a spreadsheet's end of one. */
static bool is_number(const char *key) {
    return *key != '.' && strpbrk(key, "0123456789") != NULL &&
           key[strspn(key, "0123456789-(){}[]+.")] == '\0';
}

const char *block_value_of_nobody(const char *value, struct arena *arena) {
    struct placeholder_key key;
    const char *spelling = placeholder_spelling(value, arena);
    if (spelling != NULL) {
        return spelling;
    }
    return placeholder_key(value, &key) && is_number(key.text) &&
                   is_repeated(key.text, REPEATED_MIN)
               ? arena_string(arena, bytes_of_string(key.text))
               : NULL;
}
