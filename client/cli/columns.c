/* What the columns of a file mean. Titles are compared in a normal form: without case, accents,
 * spaces, `_`, `-` and `.`, and with the letters that Arabic writers use for one another folded. */

#include "client/cli/columns.h"

#include "client/cli/table.h"
#include "client/cli/text.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { LINE_SIZE_MAX = 4096, DIGITS_MIN = 7, DIGITS_MAX = 15 };

/* Titles in their normal form, and where they go. */
static const struct {
    const char *title;
    const char *field;
} USUAL_TITLES[] = {
    {"name", "name"},
    {"fullname", "name"},
    {"displayname", "name"},
    {"customername", "name"},
    {"contactname", "name"},
    {"clientname", "name"},
    {"الاسم", "name"},
    {"اسم", "name"},
    {"الاسمالكامل", "name"},
    {"الاسمكامل", "name"},
    {"اسمالعميل", "name"},
    {"اسمالزبون", "name"},
    {"firstname", "attribute.given_name"},
    {"givenname", "attribute.given_name"},
    {"forename", "attribute.given_name"},
    {"fname", "attribute.given_name"},
    {"الاسمالاول", "attribute.given_name"},
    {"lastname", "attribute.family_name"},
    {"surname", "attribute.family_name"},
    {"familyname", "attribute.family_name"},
    {"lname", "attribute.family_name"},
    {"last", "attribute.family_name"},
    {"اسمالعايله", "attribute.family_name"},
    {"العايله", "attribute.family_name"},
    {"اللقب", "attribute.family_name"},
    {"email", "identity.email"},
    {"emails", "identity.email"},
    {"mail", "identity.email"},
    {"emailaddress", "identity.email"},
    {"emailaddress1", "identity.email"},
    {"emailid", "identity.email"},
    {"primaryemail", "identity.email"},
    {"workemail", "identity.email"},
    {"personalemail", "identity.email"},
    {"البريدالالكتروني", "identity.email"},
    {"البريد", "identity.email"},
    {"بريدالكتروني", "identity.email"},
    {"الايميل", "identity.email"},
    {"ايميل", "identity.email"},
    {"بريد", "identity.email"},
    {"عنوانالبريدالالكتروني", "identity.email"},
    {"phone", "identity.phone"},
    {"phonenumber", "identity.phone"},
    {"phoneno", "identity.phone"},
    {"phone1", "identity.phone"},
    {"primaryphone", "identity.phone"},
    {"contactnumber", "identity.phone"},
    {"telephone", "identity.phone"},
    {"telephonenumber", "identity.phone"},
    {"tel", "identity.phone"},
    {"mobile", "identity.phone"},
    {"mobilenumber", "identity.phone"},
    {"mobileno", "identity.phone"},
    {"mobilephone", "identity.phone"},
    {"mobilephonenumber", "identity.phone"},
    {"cellnumber", "identity.phone"},
    {"cellphonenumber", "identity.phone"},
    {"msisdn", "identity.phone"},
    {"cell", "identity.phone"},
    {"cellphone", "identity.phone"},
    {"الجوال", "identity.phone"},
    {"جوال", "identity.phone"},
    {"رقمالجوال", "identity.phone"},
    {"رقمجوال", "identity.phone"},
    {"الهاتف", "identity.phone"},
    {"هاتف", "identity.phone"},
    {"رقمالهاتف", "identity.phone"},
    {"رقمهاتف", "identity.phone"},
    {"التلفون", "identity.phone"},
    {"تلفون", "identity.phone"},
    {"رقمالتلفون", "identity.phone"},
    {"التليفون", "identity.phone"},
    {"تليفون", "identity.phone"},
    {"رقمالتليفون", "identity.phone"},
    {"الموبايل", "identity.phone"},
    {"موبايل", "identity.phone"},
    {"رقمالموبايل", "identity.phone"},
    {"رقمموبايل", "identity.phone"},
    {"المحمول", "identity.phone"},
    {"محمول", "identity.phone"},
    {"رقمالمحمول", "identity.phone"},
    {"whatsapp", "identity.whatsapp"},
    {"whatsappnumber", "identity.whatsapp"},
    {"whatsappno", "identity.whatsapp"},
    {"الواتساب", "identity.whatsapp"},
    {"واتساب", "identity.whatsapp"},
    {"رقمالواتساب", "identity.whatsapp"},
    {"رقمواتساب", "identity.whatsapp"},
    {"externalid", "identity.external_id"},
    {"customerid", "identity.external_id"},
    {"clientid", "identity.external_id"},
    {"crmid", "identity.external_id"},
    {"رقمالعميل", "identity.external_id"},
    {"nationalid", "identity.national_id"},
    {"nationalnumber", "identity.national_id"},
    {"socsecid", "identity.national_id"},
    {"ssn", "identity.national_id"},
    {"رقمالهويه", "identity.national_id"},
    {"الهويه", "identity.national_id"},
    {"الرقمالقومي", "identity.national_id"},
    {"الرقمالوطني", "identity.national_id"},
    {"twitter", "identity.twitter"},
    {"twitterhandle", "identity.twitter"},
    {"twitterid", "identity.twitter"},
    {"twitterurl", "identity.twitter"},
    {"twitterusername", "identity.twitter"},
    {"تويتر", "identity.twitter"},
    {"facebook", "identity.facebook"},
    {"facebookid", "identity.facebook"},
    {"fbid", "identity.facebook"},
    {"facebookurl", "identity.facebook"},
    {"فيسبوك", "identity.facebook"},
    {"instagram", "identity.instagram"},
    {"instagramid", "identity.instagram"},
    {"instagramhandle", "identity.instagram"},
    {"instagramurl", "identity.instagram"},
    {"instagramusername", "identity.instagram"},
    {"انستقرام", "identity.instagram"},
    {"انستجرام", "identity.instagram"},
    {"انستغرام", "identity.instagram"},
    {"tiktok", "identity.tiktok"},
    {"tiktokhandle", "identity.tiktok"},
    {"tiktokurl", "identity.tiktok"},
    {"tiktokusername", "identity.tiktok"},
    {"تيكتوك", "identity.tiktok"},
    {"linkedin", "identity.linkedin"},
    {"linkedinid", "identity.linkedin"},
    {"linkedinurl", "identity.linkedin"},
    {"linkedinprofile", "identity.linkedin"},
    {"linkedinprofileurl", "identity.linkedin"},
    {"لينكدان", "identity.linkedin"},
    {"birthdate", "attribute.birth_date"},
    {"birthday", "attribute.birth_date"},
    {"dateofbirth", "attribute.birth_date"},
    {"dob", "attribute.birth_date"},
    {"تاريخالميلاد", "attribute.birth_date"},
    {"gender", "attribute.gender"},
    {"sex", "attribute.gender"},
    {"الجنس", "attribute.gender"},
    {"النوع", "attribute.gender"},
    {"country", "attribute.country"},
    {"countrycode", "attribute.country"},
    {"الدوله", "attribute.country"},
    {"البلد", "attribute.country"},
    {"city", "attribute.city"},
    {"town", "attribute.city"},
    {"المدينه", "attribute.city"},
    {"مدينه", "attribute.city"},
    {"language", "attribute.language"},
    {"lang", "attribute.language"},
    {"locale", "attribute.language"},
    {"اللغه", "attribute.language"},
    {"dialect", "attribute.dialect"},
    {"اللهجه", "attribute.dialect"},
    {"job", "attribute.job"},
    {"jobtitle", "attribute.job"},
    {"occupation", "attribute.job"},
    {"الوظيفه", "attribute.job"},
    {"المهنه", "attribute.job"},
    {"company", "attribute.company"},
    {"companyname", "attribute.company"},
    {"organisation", "attribute.company"},
    {"organisationname", "attribute.company"},
    {"organization", "attribute.company"},
    {"organizationname", "attribute.company"},
    {"employer", "attribute.company"},
    {"الشركه", "attribute.company"},
    {"شركه", "attribute.company"},
    {"اسمالشركه", "attribute.company"},
    {"about", "attribute.about"},
    {"bio", "attribute.about"},
    {"نبذه", "attribute.about"},
    {"imageurl", "attribute.image_url"},
    {"avatar", "attribute.image_url"},
};

/* Letters that stand for one another in Arabic titles: ة and ه, ى and ي, ئ as its bearer. What is
 * a letter with a mark (أ إ آ ؤ ئ) has lost it before. */
static int32_t fold_arabic(int32_t code) {
    switch (code) {
    case 0x0629:
        return 0x0647;
    case 0x0649:
        return 0x064a;
    default:
        return code;
    }
}

/* The normal form of a title, for free(). */
static char *normalise(const char *title) {
    utf8proc_uint8_t *mapped = NULL;
    const utf8proc_ssize_t size =
        utf8proc_map((const utf8proc_uint8_t *)title, 0, &mapped,
                     UTF8PROC_NULLTERM | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                         UTF8PROC_STRIPMARK | UTF8PROC_IGNORE);
    if (size < 0) {
        char *empty = strdup("");
        assert(empty != NULL);
        return empty;
    }
    /* Folding never lengthens: both letters of each pair take two bytes. */
    char *out = malloc((size_t)size + 1);
    assert(out != NULL);
    size_t used = 0;
    for (utf8proc_ssize_t at = 0; at < size;) {
        int32_t code;
        at += utf8proc_iterate(mapped + at, size - at, &code);
        if (code != ' ' && code != '_' && code != '-' && code != '.' && code != 0x0640) {
            used += (size_t)utf8proc_encode_char(fold_arabic(code), (utf8proc_uint8_t *)out + used);
        }
    }
    out[used] = '\0';
    free(mapped);
    return out;
}

static char *copy_trimmed(const char *text, size_t size) {
    while (size > 0 && isspace((unsigned char)text[0])) {
        text++;
        size--;
    }
    while (size > 0 && isspace((unsigned char)text[size - 1])) {
        size--;
    }
    char *copy = strndup(text, size);
    assert(copy != NULL);
    return copy;
}

bool columns_from_header(struct columns *columns, const struct csv_rows *rows) {
    *columns = (struct columns){.count = 0};
    for (size_t i = 0; i < rows->count; i++) {
        size_t size;
        const char *title = csv_rows_field(rows, i, &size);
        if (!text_is_utf8(title, size)) {
            fprintf(stderr,
                    "profilectl: the header is not UTF-8 (column %zu). A file in another encoding "
                    "is converted first, as: iconv -f CP1256 -t UTF-8 OLD > NEW\n",
                    i + 1);
            return false;
        }
        columns->items[i].title = copy_trimmed(title, size);
        columns->count++;
    }
    return true;
}

void columns_from_positions(struct columns *columns, size_t count) {
    assert(count <= FIELDS_MAX);
    *columns = (struct columns){.count = count, .by_position = true};
    for (size_t i = 0; i < count; i++) {
        char title[24];
        snprintf(title, sizeof title, "%zu", i + 1);
        columns->items[i].title = copy_trimmed(title, strlen(title));
    }
}

void columns_free(struct columns *columns) {
    for (size_t i = 0; i < columns->count; i++) {
        free(columns->items[i].title);
    }
    columns->count = 0;
}

/* Roughly: something, one `@`, something with a dot; no spaces. */
static bool looks_like_email(const char *text) {
    const char *at = strchr(text, '@');
    return at != NULL && at != text && strpbrk(text, " \t") == NULL &&
           strchr(at + 1, '@') == NULL && strchr(at, '.') != NULL && at[1] != '.' &&
           at[strlen(at) - 1] != '.';
}

/* What people put between the digits of a number, and the direction marks that they copy along. */
static bool is_phone_mark(int32_t code) {
    return (code > 0 && code < 0x80 && strchr("+-() ", (int)code) != NULL) || code == 0x00a0 ||
           code == 0x200e || code == 0x200f || code == 0x202a || code == 0x202c;
}

/* Roughly: 7 to 15 digits and what people put between them; a date in digits is none. */
static bool looks_like_phone(const char *text) {
    size_t digits = 0;
    bool marked = false;
    for (const char *at = text; *at != '\0';) {
        int32_t code;
        const utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)at, -1, &code);
        if (size <= 0) {
            return false;
        }
        const int digit = text_digit(code);
        if (digit < 0 && !is_phone_mark(code)) {
            return false;
        }
        marked = marked || (digits == 0 && (code == '+' || digit == 0));
        digits += digit >= 0 ? 1 : 0;
        at += size;
    }
    return marked && digits >= DIGITS_MIN && digits <= DIGITS_MAX;
}

bool columns_row_is_data(const struct csv_rows *rows) {
    for (size_t i = 0; i < rows->count; i++) {
        size_t size;
        const char *text = csv_rows_field(rows, i, &size);
        if (looks_like_email(text) || looks_like_phone(text)) {
            return true;
        }
    }
    return false;
}

static bool is_key(const char *text) {
    const size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return length > 0 && text[length] == '\0' && length < COLUMN_KEY_SIZE;
}

/* Points the column at the field. False when there is no such field. */
static bool set_target(struct column *column, const char *field, bool guessed) {
    static const struct {
        const char *prefix;
        enum column_target target;
    } keyed_fields[] = {
        {"identity.", COLUMN_IDENTITY},
        {"attribute.", COLUMN_ATTRIBUTE},
        {"attributes.", COLUMN_ATTRIBUTE}, /* As filters call them. */
    };
    const char *key = NULL;
    if (strcmp(field, "name") == 0) {
        column->target = COLUMN_NAME;
    } else if (strcmp(field, "ignore") == 0) {
        column->target = COLUMN_IGNORED;
    } else {
        for (size_t i = 0; i < sizeof keyed_fields / sizeof keyed_fields[0]; i++) {
            const size_t size = strlen(keyed_fields[i].prefix);
            if (strncmp(field, keyed_fields[i].prefix, size) == 0) {
                column->target = keyed_fields[i].target;
                key = field + size;
            }
        }
        if (key == NULL || !is_key(key)) {
            return false;
        }
    }
    snprintf(column->key, sizeof column->key, "%s", key == NULL ? "" : key);
    column->guessed = guessed;
    return true;
}

static bool is_taken(const struct columns *columns, size_t before, const struct column *column) {
    for (size_t i = 0; i < before; i++) {
        if (columns->items[i].target == column->target &&
            strcmp(columns->items[i].key, column->key) == 0) {
            return true;
        }
    }
    return false;
}

void columns_guess(struct columns *columns) {
    for (size_t i = 0; i < columns->count; i++) {
        struct column *column = &columns->items[i];
        char *title = normalise(column->title);
        for (size_t j = 0; j < sizeof USUAL_TITLES / sizeof USUAL_TITLES[0]; j++) {
            if (strcmp(title, USUAL_TITLES[j].title) == 0) {
                set_target(column, USUAL_TITLES[j].field, true);
                break;
            }
        }
        free(title);
        /* A guess takes one column for a name or an attribute: the first. */
        if (column->target != COLUMN_IDENTITY && is_taken(columns, i, column)) {
            set_target(column, "ignore", true);
        }
    }
}

void columns_guess_by_row(struct columns *columns, const struct csv_rows *rows) {
    for (size_t i = 0; i < columns->count && i < rows->count; i++) {
        size_t size;
        const char *text = csv_rows_field(rows, i, &size);
        if (looks_like_email(text)) {
            set_target(&columns->items[i], "identity.email", true);
        } else if (looks_like_phone(text)) {
            set_target(&columns->items[i], "identity.phone", true);
        }
    }
}

static void tell_titles(const struct columns *columns) {
    fprintf(stderr, "The columns are:");
    for (size_t i = 0; i < columns->count; i++) {
        fputs(i == 0 ? " " : ", ", stderr);
        text_tell(stderr, columns->items[i].title);
    }
    fputc('\n', stderr);
}

/* Points every column of that title at the field; in normal form where none has it as it is. */
static size_t map_title(struct columns *columns, const char *title, const char *field) {
    size_t mapped = 0;
    for (size_t i = 0; i < columns->count; i++) {
        if (strcmp(columns->items[i].title, title) == 0) {
            set_target(&columns->items[i], field, false);
            mapped++;
        }
    }
    if (mapped > 0) {
        return mapped;
    }
    char *wanted = normalise(title);
    for (size_t i = 0; i < columns->count; i++) {
        char *have = normalise(columns->items[i].title);
        if (wanted[0] != '\0' && strcmp(have, wanted) == 0) {
            set_target(&columns->items[i], field, false);
            mapped++;
        }
        free(have);
    }
    free(wanted);
    return mapped;
}

bool columns_map(struct columns *columns, const char *mapping) {
    const char *equals = strrchr(mapping, '=');
    if (equals == NULL || equals == mapping) {
        fprintf(stderr, "profilectl: a mapping reads COLUMN=FIELD\n");
        return false;
    }
    struct column probe;
    char *field = copy_trimmed(equals + 1, strlen(equals + 1));
    char *title = copy_trimmed(mapping, (size_t)(equals - mapping));
    bool good = set_target(&probe, field, false);
    if (!good) {
        fputs("profilectl: `", stderr);
        text_tell(stderr, field);
        fputs("` is no field: name, identity.TYPE, attribute.NAME or ignore\n", stderr);
    } else if (map_title(columns, title, field) == 0) {
        fputs("profilectl: there is no column `", stderr);
        text_tell(stderr, title);
        fputs("`. ", stderr);
        tell_titles(columns);
        good = false;
    }
    free(title);
    free(field);
    return good;
}

bool columns_map_file(struct columns *columns, const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fprintf(stderr, "profilectl: can't read %s: %s\n", path, strerror(errno));
        return false;
    }
    char line[LINE_SIZE_MAX];
    bool good = true;
    while (good && fgets(line, sizeof line, file) != NULL) {
        char *text = copy_trimmed(line, strlen(line));
        good = text[0] == '\0' || text[0] == '#' || columns_map(columns, text);
        free(text);
    }
    fclose(file);
    return good;
}

bool columns_check(const struct columns *columns) {
    bool any = false;
    for (size_t i = 0; i < columns->count; i++) {
        const struct column *column = &columns->items[i];
        any = any || column->target != COLUMN_IGNORED;
        if (column->target == COLUMN_ATTRIBUTE && is_taken(columns, i, column)) {
            fprintf(stderr, "profilectl: two columns are mapped to attribute.%s\n", column->key);
            return false;
        }
    }
    if (!any) {
        fprintf(stderr, "profilectl: no column is recognised: say with --map what they are%s. ",
                columns->by_position ? "" : ", and with --no-header when the first row is data");
        tell_titles(columns);
    }
    return any;
}

void column_describe(const struct column *column, char out[COLUMN_KEY_SIZE + 16]) {
    static const char *const targets[] = {"ignored", "name", "identity.", "attribute."};
    snprintf(out, COLUMN_KEY_SIZE + 16, "%s%s", targets[column->target], column->key);
}

void columns_show(const struct columns *columns, const struct screen *screen) {
    static const struct table_column titles[] = {
        {.title = "COLUMN"}, {.title = "GOES TO"}, {.title = "WHY"}};
    struct table table;
    table_init(&table, titles, sizeof titles / sizeof titles[0]);
    for (size_t i = 0; i < columns->count; i++) {
        const struct column *column = &columns->items[i];
        char target[COLUMN_KEY_SIZE + 16];
        column_describe(column, target);
        table_add(&table, column->title);
        table_add(&table, target);
        table_add(&table, column->target == COLUMN_IGNORED ? ""
                          : column->guessed                ? "guessed"
                                                           : "--map");
    }
    table_print(&table, screen);
    table_free(&table);
}
