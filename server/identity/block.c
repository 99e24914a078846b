/* Which values identify nobody. The lists are what well-known systems refuse by default (Segment,
 * PostHog, Adobe) and what people type when a form insists; each line is a reason. Comparing needs
 * no memory: a character at a time, in lower case. */

#include "server/identity/block.h"

#include <stddef.h>
#include <string.h>
#include <utf8proc.h>

#include "server/base/bytes.h"
#include "server/identity/phone.h"
#include "server/identity/text.h"

enum {
    REPEATED_MIN = 4,      /* So that short ids of real systems, as 7 or 999, live. */
    MAILBOX_SIZE_MAX = 32, /* Bytes of a mailbox in the lists, with its NUL. */
};

/* For every type. In lower case. */
static const char *const placeholders[] = {
    /* Nothing, as programs write it. */
    "null",
    "(null)",
    "<null>",
    "[null]",
    "nil",
    "none",
    "(none)",
    "undefined",
    "nan",
    "-nan",
    "infinity",
    "-infinity",
    "true",
    "false",
    "-1",
    "[object object]",
    "[object undefined]",
    "[object null]",
    "{}",
    "[]",
    "\"\"",
    "''",
    "\\n",
    "void",
    /* Nothing, as people and spreadsheets write it. */
    "n/a",
    "na",
    "n.a.",
    "n.a",
    "#n/a",
    "#value!",
    "#ref!",
    "#name?",
    "?",
    "??",
    "???",
    ".",
    "..",
    "...",
    "_",
    "*",
    "x",
    "xx",
    "xxx",
    "empty",
    "blank",
    "missing",
    "not available",
    "not applicable",
    "not provided",
    "not set",
    "(not set)",
    "not specified",
    "not given",
    "no email",
    "no phone",
    "no name",
    "tbd",
    "tba",
    "invalid",
    "error",
    "deleted",
    "removed",
    "unknown",
    "(unknown)",
    "unknown user",
    "unknown_user",
    /* Somebody, anybody. */
    "anonymous",
    "anonymous user",
    "anonymous_user",
    "anon",
    "guest",
    "guest user",
    "guest_user",
    "visitor",
    "not_authenticated",
    "not authenticated",
    "default",
    "system",
    /* The name of the field in place of its value. */
    "id",
    "user_id",
    "userid",
    "user id",
    "distinct_id",
    "distinctid",
    "anonymous_id",
    "anonymousid",
    "customer_id",
    "customerid",
    "external_id",
    "email",
    "e-mail",
    "phone",
    "username",
    "user",
    /* Somebody trying things out. */
    "test",
    "testing",
    "test user",
    "test_user",
    "testuser",
    "tester",
    "dummy",
    "sample",
    "example",
    "asdf",
    "qwerty",
    "abc",
    "123",
    "1234",
    "12345",
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "1234567890",
    "0123456789",
    /* Device ids that many devices have: Android's emulator, an interface without an address. */
    "9774d56d682e549c",
    "02:00:00:00:00:00",
    "020000000000",
    /* There is none; unknown; not available; not specified; nothing; without; empty; guest;
     * visitor; trial. */
    "لا يوجد",
    "لايوجد",
    "لا توجد",
    "غير معروف",
    "غير معروفة",
    "مجهول",
    "غير متوفر",
    "غير متوفرة",
    "غير متاح",
    "غير محدد",
    "غير موجود",
    "لا شيء",
    "لا شئ",
    "لاشيء",
    "بدون",
    "فارغ",
    "ضيف",
    "زائر",
    "تجربة",
    "اختبار",
};

/* Local parts that are placeholders at every domain: noemail@..., compared without separators. */
static const char *const placeholder_mailboxes[] = {
    "noemail",   "nomail",    "donthaveemail", "noemailaddress", "none",
    "null",      "undefined", "unknown",       "anonymous",      "nan",
    "na",        "n/a",       "nil",           "notprovided",    "notavailable",
    "fakeemail", "fake",      "invalid",
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
    "all",
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
    "people",
    "recruitment",
    "recruiting",
    "recruiter",
    "jobs",
    "job",
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

static bool is_blocked_value(const struct identity_type *type, const char *canonical) {
    return list_has(placeholders, COUNT(placeholders), canonical) ||
           list_has(type->blocked, type->blocked_count, canonical) ||
           (type->normalizer == NORMALIZER_EMAIL && is_placeholder_mailbox(canonical));
}

/* Whether there are only zeros (`^[0-]*$`, of any script), or only one character, REPEATED_MIN
 * times or more; dashes do not count. */
static bool is_repeated(const char *text) {
    int32_t only = 0;
    size_t count = 0;
    for (const char *cursor = text; *cursor != '\0';) {
        const int32_t character = text_next(&cursor);
        if (character == '-') {
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
    return count == 0 || only == '0' || count >= REPEATED_MIN;
}

static bool is_role_mailbox(const char *address) {
    char buffer[MAILBOX_SIZE_MAX];
    return list_has(role_mailboxes, COUNT(role_mailboxes), mailbox_of(address, buffer));
}

bool identity_block_rule(const struct identity_type *type, const char *canonical,
                         enum block_rule *out) {
    const bool is_phone = type->normalizer == NORMALIZER_PHONE;
    if (is_blocked_value(type, canonical)) {
        *out = BLOCK_VALUE;
    } else if (is_repeated(is_phone ? phone_national_part(canonical) : canonical)) {
        *out = BLOCK_REPEATED;
    } else if (text_length(canonical) < type->min_length) {
        *out = BLOCK_SHORT;
    } else if (type->block_role_mailboxes && type->normalizer == NORMALIZER_EMAIL &&
               is_role_mailbox(canonical)) {
        *out = BLOCK_ROLE_MAILBOX;
    } else {
        return false;
    }
    return true;
}
