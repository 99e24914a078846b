/* E-mail addresses: what people type, and the tests of isemail, address by address. */

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "tests/engine/leaks.h"
#include "tests/identity/forms.h"

static void finish(void) {
    forms_free();
    leaks_check();
}

TestSuite(email, .fini = finish);

Test(email, forms_that_people_write) {
    static const struct form_case tests[] = {
        {"Jane@Example1.COM", "jane@example1.com"},
        {"  jane@example1.com\t", "jane@example1.com"},
        {"\u200f\u202ajane@example.org\u202c\ufeff", "jane@example.org"},
        {"jane.doe+news@example.org", "jane.doe+news@example.org"},
        {"\u0130smail@example.org", "ismail@example.org"},
        {"I\u0307smai\u0307\u0307l@example.org", "ismail@example.org"},
        {"ISMAIL@example.org", "ismail@example.org"},
        {"\u0130\u0301@example.org", "\u00ed@example.org"},
        {"JANE\u0301@example.org", "jan\u00e9@example.org"},
        {"\u0623\u062d\u0645\u062f@example.org", "\u0623\u062d\u0645\u062f@example.org"},
        {"jane@example\u3002org", "jane@example.org"},
        {"jane@M\u00dcNCHEN.example", "jane@xn--mnchen-3ya.example"},
        {"jane@mu\u0308nchen.example", "jane@xn--mnchen-3ya.example"},
        {"jane@XN--MNCHEN-3YA.example", "jane@xn--mnchen-3ya.example"},
        {"jane@stra\u00dfe.example", "jane@xn--strae-oqa.example"},
        {"jane@strasse.example", "jane@strasse.example"},
        {"\"jane\"@example.org", "jane@example.org"},
        {"\"ja\\ne\"@example.org", "jane@example.org"},
        {"\"Jane Doe\"@example.org", "\"jane doe\"@example.org"},
        {"\"a\\\"b\\\\c\"@example.org", "\"a\\\"b\\\\c\"@example.org"},
        {"\"a@b\"@example.org", "\"a@b\"@example.org"},
        {"jane@[192.0.2.1]", "jane@[192.0.2.1]"},
        {"jane@[IPv6:2001:DB8:0:0::1]", "jane@[ipv6:2001:db8::1]"},
    };
    forms_expect_all("email", "", tests, COUNT(tests));
}

Test(email, what_is_wrong_is_said) {
    static const struct {
        const char *value;
        const char *fault;
    } tests[] = {
        {"", "is empty"},
        {"jane", "has no @"},
        {"@example.org", "has nothing before the @"},
        {"jane@", "has nothing behind the @"},
        {"jane@example", "has no dot in the domain"},
        {"jane@doe@example.org", "has more than one @"},
        {"jane doe@example.org", "has a character or a dot before the @ that cannot be there"},
        {".jane@example.org", "has a character or a dot before the @ that cannot be there"},
        {"jane..doe@example.org", "has a character or a dot before the @ that cannot be there"},
        {"ja\u200bne@example.org", "has a character or a dot before the @ that cannot be there"},
        {"\"jane@example.org", "has a quoted part that is not closed before the @"},
        {"jane@example..org", "has an empty part in the domain"},
        {"jane@example.org.", "has an empty part in the domain"},
        {"jane@-example.org", "has a hyphen at the edge of a part of the domain"},
        {"jane@example-.org", "has a hyphen at the edge of a part of the domain"},
        {"jane@exam_ple.org", "has a character in the domain that cannot be there"},
        {"jane@xn--.org", "has a domain that is no international domain name"},
        {"jane@[192.0.2.256]", "has an address literal that is no internet address"},
        {"jane@[192.0.2.1", "has an address literal that is not closed"},
        {"jane\n@example.org", "has a control character"},
        {"jane\xff@example.org", "is not UTF-8"},
    };
    for (size_t i = 0; i < COUNT(tests); i++) {
        cr_expect_str_eq(forms_fault("email", tests[i].value, ""), tests[i].fault, "'%s': %s",
                         tests[i].value, forms_fault("email", tests[i].value, ""));
    }
}

/* An address with parts of these sizes: local@label.label... */
static const char *sized(size_t local, size_t label, size_t labels) {
    static char address[1024];
    size_t size = 0;
    memset(address, 'a', local);
    size += local;
    for (size_t i = 0; i < labels; i++) {
        address[size++] = i == 0 ? '@' : '.';
        memset(address + size, 'b', label);
        size += label;
    }
    address[size] = '\0';
    return address;
}

Test(email, sizes_are_those_of_rfc_5321) {
    cr_expect_not_null(forms_canonical("email", sized(64, 63, 2), ""));
    cr_expect_null(forms_canonical("email", sized(65, 63, 2), ""));
    cr_expect_null(forms_canonical("email", sized(64, 64, 2), ""));
    cr_expect_not_null(forms_canonical("email", sized(62, 63, 3), "")); /* 254 */
    cr_expect_null(forms_canonical("email", sized(63, 63, 3), ""));     /* 255 */
}

/* Addresses of emails.json that are decided otherwise than their category says, and why. */
static const struct exception {
    json_int_t id;
    bool is_taken;
    const char *why;
} exceptions[] = {
    {5, false, "VALID: the domain has no dot"},
    {57, true, "nobody's: `test`, and a quote at its end"},
    {158, true, "CFWS: a space at the end is trimmed"},
};

/* Whether addresses of a category are taken. Obsolete forms (DEPREC), comments and folding space
 * (CFWS) and what only RFC 5322 allows (too long, other literals) are refused. */
static bool category_is_taken(const char *category) {
    return strcmp(category, "ISEMAIL_VALID_CATEGORY") == 0 ||
           strcmp(category, "ISEMAIL_DNSWARN") == 0 || strcmp(category, "ISEMAIL_RFC5321") == 0;
}

static bool address_is_taken(json_int_t id, const char *category) {
    for (size_t i = 0; i < COUNT(exceptions); i++) {
        if (exceptions[i].id == id) {
            return exceptions[i].is_taken;
        }
    }
    return category_is_taken(category);
}

Test(email, addresses_of_isemail) {
    json_error_t error;
    json_t *addresses = json_load_file("tests/identity/data/emails.json", JSON_ALLOW_NUL, &error);
    cr_assert_not_null(addresses, "%s", error.text);
    cr_assert_geq(json_array_size(addresses), 82);
    for (size_t i = 0; i < json_array_size(addresses); i++) {
        const json_t *test = json_array_get(addresses, i);
        const json_int_t id = json_integer_value(json_object_get(test, "id"));
        const char *category = json_string_value(json_object_get(test, "category"));
        const char *address = json_string_value(json_object_get(test, "address"));
        const char *canonical = forms_canonical("email", address, "");
        cr_expect_eq(canonical != NULL, address_is_taken(id, category), "%lld %s '%s': %s",
                     (long long)id, category, address, forms_fault("email", address, ""));
        if (canonical != NULL) {
            char copy[512];
            snprintf(copy, sizeof copy, "%s", canonical);
            forms_expect("email", "", (struct form_case){copy, copy});
        }
    }
    json_decref(addresses);
}
