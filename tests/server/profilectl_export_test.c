/* `profilectl export` against the server: columns and cells, lines of JSON, what is personal,
 * files, and an export that a crash of the server cuts in two. */

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/engine/scratch.h"
#include "tests/server/profilectl.h"

TestSuite(profilectl_export, .init = fixture_setup, .fini = fixture_teardown, .timeout = 120);

static void must(const char *const *words) {
    struct program program = profilectl_run(words, NULL);
    cr_assert_eq(program.code, 0, "%s", program.err);
    program_free(&program);
}

static void expect_export(const char *const *words, const char *out, const char *said) {
    struct program program = profilectl_run(words, NULL);
    cr_expect_eq(program.code, 0, "%s", program.err);
    cr_expect_str_eq(program.out, out);
    cr_expect_not_null(strstr(program.err, said), "\"%s\" in\n%s", said, program.err);
    program_free(&program);
}

static const char *row(const char *format, const char *id) {
    static char text[1024];
    snprintf(text, sizeof text, format, id);
    return text;
}

/* ---- cells ---- */

Test(profilectl_export, cells_are_quoted_and_formulas_are_guarded) {
    static const char fields[] =
        "name,id,identity.email,identity.phone,attribute.note,attribute.score,attribute.tags,"
        "attribute.about,attribute.city,attribute.job";
    must(WORDS("attribute", "define", "note", "--type", "string"));
    must(WORDS("attribute", "define", "score", "--type", "number"));
    must(WORDS("attribute", "define", "tags", "--type", "string", "--max-values", "5"));
    json_t *json = profilectl_json(0, "profile", "create", "--name", "هند، \"أم علي\", القحطاني",
                                   "-i", "email:hind@example.org", "-i", "email:h2@example.org",
                                   "-i", "phone:+966500000017", "-a", "note==HYPERLINK(\"x\")",
                                   "-a", "score=-3.5", "-a", "tags=one", "-a", "tags=two", "-a",
                                   "about=line one\nline, \"two\"", "-a", "city=@home");
    char id[ID_SIZE_MAX];
    snprintf(id, sizeof id, "%s", json_text(json, "profile.id"));
    json_decref(json);

    expect_export(WORDS("export", "--personal", "--fields", fields),
                  row("\"name\",\"id\",\"identity.email\",\"identity.phone\",\"attribute.note\","
                      "\"attribute.score\",\"attribute.tags\",\"attribute.about\","
                      "\"attribute.city\",\"attribute.job\"\r\n"
                      "\"هند، \"\"أم علي\"\", القحطاني\",\"%s\","
                      "\"hind@example.org;h2@example.org\",\"'+966500000017\","
                      "\"'=HYPERLINK(\"\"x\"\")\",\"-3.5\",\"one;two\","
                      "\"line one\nline, \"\"two\"\"\",\"'@home\",\"\"\r\n",
                      id),
                  "1 profiles exported, 1 looked at\n");
}

Test(profilectl_export, numbers_of_interactions_and_traits_have_columns) {
    char id[ID_SIZE_MAX];
    must(WORDS("trait", "create", "last_channel", "--aggregation", "last", "--field", "channel"));
    must(WORDS("trait", "create", "spent", "--aggregation", "sum", "--field", "amount", "--filter",
               "currency = SAR"));
    must(WORDS("trait", "create", "coupon", "--aggregation", "last", "--field", "property:coupon"));
    make("Nora", "email:nora@example.org", id);
    must(WORDS("interaction", "record", "--profile", id, "--source", "chat", "--channel",
               "whatsapp", "--text", "Where is it?"));
    must(WORDS("interaction", "record", "--profile", id, "--source", "shop", "--activity", "order",
               "--amount", "-12.5", "--currency", "SAR", "--property", "coupon=+spring"));

    expect_export(WORDS("export", "--fields", "interaction_summary,traits"),
                  "\"interactions\",\"interactions.engagement\",\"interactions.survey_response\","
                  "\"interactions.activity\",\"trait.coupon\",\"trait.last_channel\","
                  "\"trait.spent\"\r\n\"2\",\"1\",\"0\",\"1\",\"\",\"whatsapp\",\"-12.5\"\r\n",
                  "1 personal values were left out: --personal has them");
    expect_export(WORDS("export", "--fields", "trait.coupon", "--personal"),
                  "\"trait.coupon\"\r\n\"'+spring\"\r\n", "1 profiles exported");
}

/* What a list has is what an import makes of its cell. */
Test(profilectl_export, a_list_is_imported_as_it_was) {
    char id[ID_SIZE_MAX];
    must(WORDS("attribute", "define", "tags", "--type", "string", "--max-values", "5"));
    make("Nora", "external_id:A;1\\2", id);
    must(WORDS("profile", "update", id, "-a", "tags=a;b", "-a", "tags=c\\", "-a", "tags=d\\;e\\f"));
    const char *const fields = "identity.external_id,attribute.tags";
    static const char cells[] = "\"identity.external_id\",\"attribute.tags\"\r\n"
                                "\"A;1\\2\",\"a\\;b;c\\\\;d\\\\\\;e\\\\f\"\r\n";
    expect_export(WORDS("export", "--personal", "--fields", fields), cells, "1 profiles exported");

    must(WORDS("profile", "update", id, "--clear", "tags"));
    must(WORDS("import", profilectl_file("tags.csv", cells), "--source", "crm", "--map",
               "identity.external_id=identity.external_id", "--map",
               "attribute.tags=attribute.tags"));

    expect_export(WORDS("export", "--personal", "--fields", fields), cells, "1 profiles exported");
    json_t *json = profilectl_json(0, "profile", "show", id);
    cr_expect_str_eq(json_text(json, "profile.attributes.tags.list.items.2.text"), "d\\;e\\f");
    json_decref(json);
}

/* ---- what is personal ---- */

Test(profilectl_export, personal_columns_are_left_out_and_counted) {
    char id[ID_SIZE_MAX];
    make("Nora Salem", "email:nora@example.org", id);
    must(WORDS("profile", "update", id, "-a", "city=Riyadh", "-a", "job=baker"));

    struct program program = profilectl("export");
    struct program whole = profilectl("export", "--personal");

    cr_expect_eq(program.code, 0);
    cr_expect_null(strstr(program.out, "Nora"));
    cr_expect_null(strstr(program.out, "nora@example.org"));
    cr_expect_null(strstr(program.out, "baker"));
    cr_expect_null(strstr(program.out, "identity."));
    cr_expect_not_null(strstr(program.out, "Riyadh"));
    cr_expect_not_null(strstr(program.err, "3 personal values were left out"), "%s", program.err);
    cr_expect_not_null(strstr(whole.out, "\"identity.email\""));
    cr_expect_not_null(strstr(whole.out, "\"Nora Salem\""));
    cr_expect_not_null(strstr(whole.out, "\"nora@example.org\""));
    cr_expect_not_null(strstr(whole.out, "\"baker\""));
    cr_expect_null(strstr(whole.err, "left out"));
    program_free(&program);
    program_free(&whole);
    /* A column that is asked for is there, and empty; what is not asked for is not told of. */
    expect_export(WORDS("export", "--fields", "name,attribute.city"),
                  "\"name\",\"attribute.city\"\r\n\"\",\"Riyadh\"\r\n",
                  "2 personal values were left out");
    program = profilectl("export", "--fields", "attribute.city");
    cr_expect_null(strstr(program.err, "left out"), "%s", program.err);
    program_free(&program);
}

/* ---- JSON ---- */

Test(profilectl_export, ndjson_has_a_profile_on_each_line) {
    char one[ID_SIZE_MAX];
    char two[ID_SIZE_MAX];
    make("Nora", "email:nora@example.org", one);
    make("Sami", "email:sami@example.org", two);

    struct program program = profilectl("export", "--format", "ndjson", "--personal");
    struct program masked =
        profilectl("export", "--output", "json", "--fields", "id,interaction_summary");

    char *second = strchr(program.out, '\n') + 1;
    json_t *json = json_loads(second, JSON_DISABLE_EOF_CHECK, NULL);
    cr_expect_str_eq(json_text(json, "id"), two);
    cr_expect_str_eq(json_text(json, "identities.0.canonicalValue"), "sami@example.org");
    cr_expect_eq(program.out[strlen(program.out) - 1], '\n');
    cr_expect_not_null(strstr(masked.out, one), "%s%s", masked.out, masked.err);
    cr_expect_not_null(strstr(masked.out, "interactionSummary"), "%s", masked.out);
    cr_expect_null(strstr(masked.out, "createTime"));
    json_decref(json);
    program_free(&program);
    program_free(&masked);
}

/* ---- whom, and what is refused ---- */

Test(profilectl_export, a_segment_and_a_filter_choose) {
    char one[ID_SIZE_MAX];
    char two[ID_SIZE_MAX];
    make("Nora", "email:nora@example.org", one);
    make("Sami", "email:sami@example.org", two);

    expect_export(WORDS("export", "--filter", "name:sami", "--fields", "id"),
                  row("\"id\"\r\n\"%s\"\r\n", two), "1 profiles exported, 1 looked at");
    expect_export(WORDS("export", "--filter", "name:nobody", "--fields", "id"), "\"id\"\r\n",
                  "0 profiles exported");
    make_segment("nora", "name:nora");
    expect_export(WORDS("export", "--segment", "nora", "--fields", "id"),
                  row("\"id\"\r\n\"%s\"\r\n", one), "1 profiles exported, 1 looked at");
    expect_export(WORDS("export", "--segment", "nora", "--filter", "name:sami", "--fields", "id"),
                  "\"id\"\r\n", "0 profiles exported");
    expect_failure(EXIT_CODES + NOT_FOUND, "SEGMENT_NOT_FOUND", "export", "--segment", "vip");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "  ^", "export", "--filter", "town = x");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "--segment, segment", "export", "--segment",
                   "Vip!");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "--fields, ", "export", "--format", "ndjson",
                   "--fields", "nickname");
    expect_failure(EXIT_USAGE, "there is no column `nickname`", "export", "--fields",
                   "id,nickname");
    expect_failure(EXIT_USAGE, "--format: must be csv or ndjson", "export", "--format", "xml");
}

Test(profilectl_export, a_file_is_its_owners_and_written_when_the_server_has_agreed) {
    char path[256];
    snprintf(path, sizeof path, "%s", scratch_path("out.csv"));
    char id[ID_SIZE_MAX];
    make("Nora", "email:nora@example.org", id);

    expect_failure(EXIT_CODES + NOT_FOUND, "SEGMENT_NOT_FOUND", "export", "--segment", "vip",
                   "--output-file", path);
    cr_expect_neq(access(path, F_OK), 0, "nothing was made");
    expect_export(WORDS("export", "--fields", "id", "--output-file", path), "",
                  "1 profiles exported");
    struct stat info;
    cr_assert_eq(stat(path, &info), 0);
    cr_expect_eq(info.st_mode & 0777, 0600);
    cr_expect_eq((size_t)info.st_size, strlen("\"id\"\r\n") + strlen(id) + 4);
    expect_failure(1, "can't be written", "export", "--output-file", "/dev/full");
    expect_failure(1, "can't be written", "export", "--output-file", scratch_path("no/such"));
}

/* ---- crashes ---- */

enum { PEOPLE = 3000, ID_TEXT = 36 };

static void import_people(void) {
    char *text = malloc((size_t)PEOPLE * 64 + 64);
    cr_assert_not_null(text);
    size_t size = (size_t)sprintf(text, "name,email,phone\n");
    for (int i = 0; i < PEOPLE; i++) {
        size += (size_t)sprintf(text + size, "Nora %d,p%d@example.org,+96650000%04d\n", i, i, i);
    }
    must(WORDS("import", profilectl_file("people.csv", text), "--source", "crm"));
    free(text);
}

/* Everything that comes, with `first` before it. The caller's. */
static char *read_all(int fd, char first) {
    size_t room = 1 << 16;
    size_t size = 1;
    char *text = malloc(room);
    cr_assert_not_null(text);
    text[0] = first;
    for (ssize_t got = 1; got > 0; size += got > 0 ? (size_t)got : 0) {
        if (room - size < 2) {
            room *= 2;
            text = realloc(text, room);
            cr_assert_not_null(text);
        }
        got = read(fd, text + size, room - size - 1);
    }
    close(fd);
    text[size] = '\0';
    return text;
}

static int by_text(const void *a, const void *b) { return memcmp(a, b, ID_TEXT); }

/* How many different profiles the lines are of; -1 when one is there twice. */
static int people_in(const char *text) {
    static char ids[PEOPLE + 1][ID_TEXT];
    int count = 0;
    for (const char *at = text; at != NULL && *at != '\0' && count <= PEOPLE; count++) {
        cr_assert_eq(strncmp(at, "{\"id\":\"", 7), 0, "%.80s", at);
        memcpy(ids[count], at + 7, ID_TEXT);
        at = strchr(at, '\n');
        at += at == NULL ? 0 : 1;
    }
    qsort(ids, (size_t)count, sizeof ids[0], by_text);
    for (int i = 1; i < count; i++) {
        if (memcmp(ids[i - 1], ids[i], ID_TEXT) == 0) {
            return -1;
        }
    }
    return count;
}

Test(profilectl_export, an_export_outlives_a_crash_of_the_server) {
    import_people();
    const char *said = scratch_path("said");
    const int err = open(said, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const char *const words[] = {PROFILECTL_PROGRAM, "export",   "--format",
                                 "ndjson",           "--server", fixture.server.address,
                                 "--personal",       NULL};
    int out;
    const int pid = program_begin(words, err, &out);

    fixture_crash_in_place();
    char *text = read_all(out, '{');
    const int code = program_wait(pid);

    char told[4096] = "";
    cr_assert_gt(pread(err, told, sizeof told - 1, 0), 0);
    cr_expect_eq(code, 0, "%s", told);
    cr_expect_eq(people_in(text), PEOPLE);
    cr_expect_not_null(strstr(told, "going on behind the last message"), "%s", told);
    cr_expect_not_null(strstr(told, "3000 profiles exported, 3000 looked at"), "%s", told);
    close(err);
    free(text);
}

/* ---- interrupts ---- */

/* The token that it says is to be gone on with. */
static const char *token_in(const char *said) {
    static char token[1024];
    const char *at = strstr(said, "--from ");
    cr_assert_not_null(at, "%s", said);
    cr_assert_eq(sscanf(at, "--from %1023s", token), 1);
    return token;
}

/* What an export that was interrupted has written; the caller's. Nobody reads before the signal is
 * there: it is in the middle of its work. */
static char *interrupted_export(const char *format, char first, char *said, size_t said_size) {
    const char *path = scratch_path("interrupted");
    const int err = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const char *const words[] = {
        PROFILECTL_PROGRAM,     "export",     "--format", format, "--server",
        fixture.server.address, "--personal", NULL};
    int out;
    const int pid = program_begin(words, err, &out);
    cr_assert_eq(kill(pid, SIGINT), 0);
    char *text = read_all(out, first);
    const int code = program_wait(pid);
    memset(said, 0, said_size);
    cr_assert_gt(pread(err, said, said_size - 1, 0), 0);
    close(err);
    cr_expect_eq(code, 1, "%d: %s", code, said);
    return text;
}

/* The server is asked for the columns before. */
Test(profilectl_export, an_interrupt_leaves_whole_lines_of_csv) {
    char said[4096];
    import_people();
    char *text = interrupted_export("csv", '"', said, sizeof said);
    cr_expect_eq(strncmp(text, "\"id\",", 5), 0, "%.80s", text);
    cr_expect_eq(text[strlen(text) - 1], '\n');
    cr_expect_not_null(strstr(said, "What was written is partial"), "%s", said);
    (void)token_in(said);
    free(text);
}

Test(profilectl_export, an_interrupt_tells_that_it_is_partial_and_how_to_go_on) {
    char said[4096];
    import_people();
    char *text = interrupted_export("ndjson", '{', said, sizeof said);
    const int count = people_in(text);
    char counted[64];
    snprintf(counted, sizeof counted, "%d profiles exported, ", count);
    cr_expect(count > 0 && count < PEOPLE, "%d", count);
    cr_expect_not_null(strstr(said, counted), "%s", said);
    cr_expect_not_null(strstr(said, "What was written is partial"), "%s", said);

    const char *path = profilectl_file("people.ndjson", text);
    const char *token = token_in(said);
    must(WORDS("export", "--format", "ndjson", "--personal", "--from", token, "--output-file",
               path));
    char *whole = read_all(open(path, O_RDONLY | O_CLOEXEC), ' ');
    cr_expect_eq(people_in(whole + 1), PEOPLE);
    expect_failure(1, "has other columns", "export", "--personal", "--from", token, "--output-file",
                   path);
    expect_failure(1, "can't be written", "export", "--personal", "--from", token, "--output-file",
                   scratch_path("nothing"));
    free(whole);
    free(text);
}

Test(profilectl_export, a_server_that_stays_away_ends_it) {
    server_kill(&fixture.server);
    fixture.server.pid = 0;
    struct program program = profilectl("export", "--format", "ndjson");
    cr_expect_eq(program.code, EXIT_CODES + UNAVAILABLE, "%d", program.code);
    cr_expect_str_empty(program.out);
    program_free(&program);
}
