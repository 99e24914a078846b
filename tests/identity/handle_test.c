/* Accounts: names, names with an @, addresses of pages. */

#include "server/identity/handle.h"

#include "tests/engine/leaks.h"
#include "tests/identity/forms.h"

static void finish(void) {
    forms_free();
    leaks_check();
}

TestSuite(handle, .fini = finish);

Test(handle, twitter) {
    static const struct form_case tests[] = {
        {"Jane_Doe", "jane_doe"},
        {" @Jane_Doe ", "jane_doe"},
        {"\u200f\uff20Jane\u200e", "jane"},
        {"https://twitter.com/Jane_Doe", "jane_doe"},
        {"HTTPS://WWW.X.COM/Jane_Doe/", "jane_doe"},
        {"x.com/jane_doe?s=20#top", "jane_doe"},
        {"http://mobile.twitter.com:80/@jane/status/12", "jane"},
        {"//twitter.com/jane", "jane"},
        {"https://twitter.com/i/web/status/1", NULL},
        {"https://twitter.com/", NULL},
        {"twitter.com", NULL},
        {"https://example.org/jane", NULL},
        {"https://nottwitter.com/jane", NULL},
        {"https://twitter.com.example.org/jane", NULL},
        {"jane doe", NULL},
        {"jane/doe", NULL},
        {"jane@doe", NULL},
        {"@", NULL},
        {"x.com/%ff", NULL},
        {"x.com/a%2fb", NULL},
        {"x.com/a%00b", "a%00b"}, /* What cannot be decoded stays. */
    };
    forms_expect_all("twitter", "", tests, COUNT(tests));
}

Test(handle, facebook) {
    static const struct form_case tests[] = {
        {"Jane.Doe", "jane.doe"},
        {"100012345678901", "100012345678901"},
        {"https://www.facebook.com/Jane.Doe?ref=x", "jane.doe"},
        {"m.facebook.com/Jane.Doe", "jane.doe"},
        {"https://ar-ar.facebook.com/pg/jane.doe/about", "jane.doe"},
        {"https://facebook.com/profile.php?id=123", "123"},
        {"https://facebook.com/profile.php?sk=about&id=123&x=1#y", "123"},
        {"https://facebook.com/people/Jane-Doe/1234/", "1234"},
        {"https://m.me/jane.doe", "jane.doe"},
        {"https://facebook.com/profile.php", NULL},
        {"https://facebook.com/groups/123", NULL},
    };
    forms_expect_all("facebook", "", tests, COUNT(tests));
}

Test(handle, other_networks) {
    forms_expect("instagram", "", (struct form_case){"https://instagram.com/Jane/?hl=ar", "jane"});
    forms_expect("instagram", "", (struct form_case){"https://instagram.com/p/abc/", NULL});
    forms_expect("tiktok", "", (struct form_case){"https://www.tiktok.com/@Jane/video/1", "jane"});
    forms_expect("tiktok", "", (struct form_case){"tiktok.com/%40Jane", "jane"});
    forms_expect("tiktok", "", (struct form_case){"https://vm.tiktok.com/ZM123", NULL});
    forms_expect("linkedin", "",
                 (struct form_case){"https://sa.linkedin.com/in/Jane-Doe-1a2/", "jane-doe-1a2"});
    forms_expect(
        "linkedin", "",
        (struct form_case){"linkedin.com/in/%D8%A3%D8%AD%D9%85%D8%AF", "\u0623\u062d\u0645\u062f"});
    forms_expect("linkedin", "", (struct form_case){"linkedin.com/company/acme", NULL});
}

Test(handle, other_types_keep_case_and_have_no_pages) {
    const struct identity_type type = {.name = "forum", .normalizer = NORMALIZER_HANDLE};
    const char *out = NULL;

    cr_assert(status_is_ok(handle_canonicalise(&type, " @Jane", forms_arena(), &out)));

    cr_expect_str_eq(out, "Jane");
    const struct status status =
        handle_canonicalise(&type, "https://x.com/jane", forms_arena(), &out);
    cr_expect_str_eq(status.text, "is an address of another site");
}
