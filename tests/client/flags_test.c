/* What is wrong with a command line is told by what stands on it: options and the names behind
 * them, not the fields and positions of the request that comes of it. */

#include "client/cli/command.h"
#include "tests/client/ran.h"

#include <stdio.h>
#include <unistd.h>

#include "profiled/v1/interaction_service.pb-c.h"

enum { CODE_INVALID = 3, CODE_UNAVAILABLE = 14, REGION_SIZE = 8 };

TestSuite(flags, .init = ran_isolate);

/* What the server finds wrong. */
struct refusal {
    const char *field;
    const char *text;
    uint8_t details[FAKE_DETAILS_SIZE];
};

static void refuse(void *data, const struct fake_request *request, struct fake_answer *answer) {
    struct refusal *refusal = data;
    (void)request;
    answer->last = true;
    answer->code = CODE_INVALID;
    answer->details_size = fake_violation(refusal->field, refusal->text, refusal->details);
    answer->details = refusal->details;
}

/* A line that the server refuses for a field, and how that is told. */
static void check_refused(const char *field, const char *line, const char *told) {
    struct refusal refusal = {.field = field, .text = "is bad"};

    const struct ran ran = ran_line(refuse, &refusal, line);

    cr_expect_eq(ran.code, EXIT_STATUS + CODE_INVALID);
    expect_said(ran.err, told);
}

/* A line that is not sent, and what is told instead. */
static void check_unsent(const char *line, const char *told) {
    const struct ran ran = ran_line(NULL, NULL, line);

    cr_expect_eq(ran.code, EXIT_USAGE);
    cr_expect_str_eq(ran.err, told);
}

/* ---- the option of a field ---- */

Test(flags, a_time_that_is_none) {
    check_unsent("interaction|list|1|--since|yesterday",
                 "profilectl: --since, filter.min_time: must be a time as 2026-01-31T12:00:00Z, or "
                 "a date alone\n");
}

static void keep_min_time(void *data, const struct fake_request *request,
                          struct fake_answer *answer) {
    int64_t *seconds = data;
    Profiled__V1__ListInteractionsRequest *got =
        profiled__v1__list_interactions_request__unpack(NULL, request->size, request->bytes);
    *seconds = got->filter->min_time->seconds;
    profiled__v1__list_interactions_request__free_unpacked(got, NULL);
    answer->last = true;
    answer->code = CODE_INVALID;
}

Test(flags, a_time_in_digits_of_one_s_own) {
    static const char *const times[] = {"٢٠٢٦-١١-٠١", "۲۰۲۶-۱۱-۰۱", "2026-11-01T00:00:00Z",
                                        "٢٠٢٦-١١-٠١T٠٣:٠٠:٠٠+٠٣:٠٠"};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        char line[128];
        (void)snprintf(line, sizeof line, "interaction|list|1|--since|%s", times[i]);
        int64_t seconds = 0;

        (void)ran_line(keep_min_time, &seconds, line);

        cr_expect_eq(seconds, 1793491200, "%s", times[i]);
    }
}

Test(flags, an_identity_type_without_normalizer) {
    check_unsent("identity|types|create|loyalty_card|--limit|1",
                 "profilectl: --normalizer is required: exact, case-fold, digits, email, phone or "
                 "handle\n");
}

Test(flags, a_limit_in_words) {
    check_unsent("identity|types|update|email|--limit|many",
                 "profilectl: --limit: must be a number from 1 to 50\n");
}

Test(flags, a_number_that_is_none) {
    check_unsent(
        "interaction|record|--activity|order|--amount|much",
        "profilectl: --amount, interaction_record.interaction.activity.amount: must be a number\n");
}

Test(flags, a_field_of_the_request) {
    check_refused("filter.max_time",
                  "interaction|list|1|--since|2026-01-01T00:00:00Z|--until|2025-01-01T00:00:00Z",
                  "\n  --until, filter.max_time: is bad\n");
}

Test(flags, a_field_of_a_stream_s_request) {
    check_refused("time_zone", "interaction|analyze|--every|day|--zone|Mars",
                  "\n  --zone, time_zone: is bad\n");
}

Test(flags, an_item_of_a_list) {
    check_refused("group_by[1]", "interaction|analyze|--by|theme,theme",
                  "\n  --by, group_by[1]: is bad\n");
}

Test(flags, one_of_several_options) {
    check_refused("profile.identities[1].value",
                  "profile|create|--identity|email:a@example.org|--identity|email:none",
                  "\n  --identity number 2, profile.identities[1].value: is bad\n");
}

Test(flags, the_only_one_has_no_number) {
    check_refused("profile.identities[0].value", "profile|create|--identity|email:none",
                  "\n  --identity, profile.identities[0].value: is bad\n");
}

Test(flags, a_field_that_no_option_gave) {
    check_refused("profile.name", "profile|create|--identity|email:a@example.org",
                  "\n  profile.name: is bad\n");
}

Test(flags, a_whole_number_has_a_range) {
    check_unsent("interaction|analyze|--top|many",
                 "profilectl: --top: must be a number from 1 to 1000\n");
}

/* ---- names in the place of numbers ---- */

Test(flags, the_entry_of_a_map_is_that_of_its_order) {
    check_refused(
        "interaction_record.interaction.activity.properties[2].text",
        "interaction|record|--activity|order|--property|zz=1|--property|b=2|--property|a=3",
        "\n  --property zz, interaction_record.interaction.activity.properties.zz.text: is "
        "bad\n");
}

Test(flags, the_entry_of_a_map_may_have_dots_in_its_name) {
    check_refused(
        "interaction_record.interaction.activity.properties.a.b.text",
        "interaction|record|--activity|order|--property|a=1|--property|a.b=x",
        "\n  --property a.b, interaction_record.interaction.activity.properties.a.b.text: "
        "is bad\n");
}

Test(flags, a_label_is_that_of_its_language) {
    check_refused("theme.labels[0]", "theme|create|complaint|--label|en=Complaint|--label|ar=x",
                  "\n  --label ar, theme.labels.ar: is bad\n");
}

Test(flags, an_answer_is_that_of_its_question) {
    check_refused("interaction_record.interaction.survey_response.answers[1].nps",
                  "interaction|record|--survey|s|--answer|a=1|--answer|recommend:nps=99",
                  "\n  --answer recommend:nps, "
                  "interaction_record.interaction.survey_response.answers[1].nps: is bad\n");
}

Test(flags, a_field_of_a_mask_is_named) {
    check_refused("update_mask.paths[1]", "profile|update|1|-a|city=x|--clear|shoe",
                  "\n  update_mask.attributes.shoe: is bad\n");
}

Test(flags, a_field_that_the_mask_does_not_have_stays_a_number) {
    check_refused("update_mask.paths[2]", "profile|update|1|-a|city=x|--clear|shoe",
                  "\n  update_mask.paths[2]: is bad\n");
}

Test(flags, a_file_has_names_too) {
    FILE *file = fopen("a_file_has_names_too.json", "w");
    fputs("{\"interaction\": {\"activity\": {\"name\": \"order\", \"properties\": "
          "{\"z\": {\"text\": \"1\"}, \"b\": {\"text\": \"2\"}}}}}",
          file);
    fclose(file);

    check_refused("interaction_record.interaction.activity.properties[1]",
                  "interaction|record|--json|a_file_has_names_too.json",
                  "\n  interaction_record.interaction.activity.properties.z: is bad\n");

    unlink("a_file_has_names_too.json");
}

Test(flags, a_path_that_the_request_does_not_have_stays_as_it_is) {
    check_refused("profile.attributes[7].value", "profile|create|--name|Nora",
                  "\n  profile.attributes[7].value: is bad\n");
}

Test(flags, a_path_that_can_not_be_read_stays_as_it_is) {
    check_refused("profile[x].name", "profile|create|--name|Nora", "\n  profile[x].name: is bad\n");
}

/* ---- options that do not go together ---- */

Test(flags, an_amount_is_of_no_engagement) {
    check_unsent(
        "interaction|record|--channel|whatsapp|--amount|5",
        "profilectl: --amount and --channel do not go together: --amount is of --activity\n");
}

Test(flags, a_text_is_of_no_activity) {
    check_unsent("interaction|record|--activity|order|--text|hello",
                 "profilectl: --text and --activity do not go together: --text is of --channel\n");
}

Test(flags, an_answer_is_of_no_engagement) {
    check_unsent(
        "interaction|record|--channel|whatsapp|--answer|q=1",
        "profilectl: --answer and --channel do not go together: --answer is of --survey\n");
}

Test(flags, a_part_of_an_interaction_names_the_whole) {
    check_unsent("interaction|record|--agent|a",
                 "profilectl: --agent says nothing without --channel\n");
}

Test(flags, a_profile_has_its_name) {
    check_unsent("interaction|record|--activity|x|--profile|1|--name|Nora",
                 "profilectl: --name and --profile do not go together\n");
}

Test(flags, a_region_is_of_identities) {
    check_unsent("profile|create|--name|Nora|--region|SA",
                 "profilectl: --region says nothing without --identity\n");
    cr_expect_eq(ran_line(NULL, NULL, "identity|why-not|1|--name|Nora|--region|SA").code,
                 EXIT_USAGE);
    check_unsent(
        "interaction|record|--activity|x|--profile|1|--region|SA",
        "profilectl: --region says nothing without --identity, --name, --answer or --author\n");
}

/* Keeps the region of the record that an interaction is told with; "" for none. */
static void keep_region(void *data, const struct fake_request *request,
                        struct fake_answer *answer) {
    Profiled__V1__RecordInteractionRequest *got =
        profiled__v1__record_interaction_request__unpack(NULL, request->size, request->bytes);
    const Profiled__V1__InteractionRecord *event = got->interaction_record;
    const bool has_record = event->subject_case == PROFILED__V1__INTERACTION_RECORD__SUBJECT_RECORD;
    (void)snprintf(data, REGION_SIZE, "%s", has_record ? event->record->default_region : "");
    profiled__v1__record_interaction_request__free_unpacked(got, NULL);
    answer->last = true;
    answer->code = CODE_INVALID;
}

Test(flags, a_region_is_of_authors) {
    char region[REGION_SIZE] = "";

    (void)ran_line(keep_region, region,
                   "interaction|record|--channel|whatsapp|--author|0501234567|--region|AE");

    cr_expect_str_eq(region, "AE");
    check_unsent("interaction|record|--channel|whatsapp|--author|0501234567|--region|AE|"
                 "--profile|1",
                 "profilectl: --region is of a record, and says nothing of --author beside "
                 "--profile: write the\nnumber with its country, as +966501234567\n");
}

Test(flags, a_source_is_of_values) {
    check_unsent("profile|update|1|--name|Nora|--source|crm",
                 "profilectl: --source says nothing without --attribute\n");
    cr_expect_eq(ran_line(NULL, NULL, "profile|create|--name|Nora|--source|crm").code, EXIT_USAGE);
    cr_expect_eq(ran_line(NULL, NULL, "identity|why-not|1|2|--source|crm").code, EXIT_USAGE);
}

Test(flags, a_time_is_of_attributes) {
    check_unsent("profile|create|--name|Nora|--time|2026-01-31T12:00:00Z",
                 "profilectl: --time says nothing without --attribute\n");
}

Test(flags, a_file_says_all_of_it) {
    FILE *file = fopen("a_file_says_all_of_it.json", "w");
    fputs("{}", file);
    fclose(file);

    check_unsent("profile|update|1|--json|a_file_says_all_of_it.json|--name|Nora",
                 "profilectl: --json and --name do not go together: the file says all of it\n");
    cr_expect_eq(
        ran_line(NULL, NULL, "interaction|record|--json|a_file_says_all_of_it.json|--channel|x")
            .code,
        EXIT_USAGE);
    cr_expect_eq(
        ran_line(NULL, NULL, "theme|create|x|--json|a_file_says_all_of_it.json|--label|en=x").code,
        EXIT_USAGE);
    /* Nobody is there: it is sent. */
    cr_expect_eq(ran_line(NULL, NULL,
                          "profile|update|1|--json|a_file_says_all_of_it.json|--etag|x|--dry-run|"
                          "--timeout|1")
                     .code,
                 EXIT_STATUS + CODE_UNAVAILABLE);

    unlink("a_file_says_all_of_it.json");
}

Test(flags, all_has_no_limit) {
    check_unsent("profile|list|--all|--limit|5",
                 "profilectl: --all and --limit do not go together\n");
}

Test(flags, a_zone_is_of_days) {
    check_unsent("interaction|analyze|--zone|Asia/Riyadh",
                 "profilectl: --zone says nothing without --every\n");
}

Test(flags, csv_is_an_output) {
    check_unsent("interaction|analyze|--csv|--output|json",
                 "profilectl: --csv and --output do not go together\n");
}

Test(flags, who_watches_waits_without_end) {
    check_unsent("health|--watch|--timeout|5",
                 "profilectl: --watch and --timeout do not go together\n");
}

Test(flags, an_id_has_no_region) {
    check_unsent("profile|show|1|--region|SA",
                 "profilectl: --region is of TYPE:VALUE, not of an id\n");
}

Test(flags, an_identity_finds_nothing_deleted) {
    check_unsent("profile|show|email:a@example.org|--show-deleted",
                 "profilectl: --show-deleted is of an id, not of TYPE:VALUE\n");
}

Test(flags, several_ids_are_those_that_are_there) {
    check_unsent("profile|get|1|2|--show-deleted",
                 "profilectl: --show-deleted takes one id: several are answered without those that "
                 "are deleted\n");
}

Test(flags, ndjson_has_no_columns) {
    FILE *file = fopen("ndjson_has_no_columns.ndjson", "w");
    fputs("{\"name\": \"Nora\"}\n", file);
    fclose(file);

    check_unsent("import|ndjson_has_no_columns.ndjson|--no-header",
                 "profilectl: NDJSON records name their fields: --no-header is for CSV\n");

    unlink("ndjson_has_no_columns.ndjson");
}

/* ---- answers ---- */

Test(flags, the_type_of_an_answer_is_one_of_those_that_there_are) {
    check_unsent("interaction|record|--survey|s|--answer|recommend:npx=9",
                 "profilectl: --answer recommend:npx: behind the last : stands the type, text, "
                 "choice, number, choices, rating, nps, date,\nemail or phone; a question that has "
                 "a : of its own reads QUESTION:text\n");
}

Test(flags, a_question_may_have_a_colon_where_its_type_is_told) {
    check_refused("interaction_record.interaction.source",
                  "interaction|record|--survey|s|--answer|why:not:text=9",
                  "\n  --source, interaction_record.interaction.source: is bad\n");
}

/* ---- names in a list ---- */

Test(flags, a_name_in_a_list_is_one_of_those_that_there_are) {
    check_unsent("interaction|analyze|--by|theme,weather",
                 "profilectl: --by: must be one of channel, kind, theme, sub-theme, sentiment, "
                 "dialect, language, agent, country, name, segment\n");
    cr_expect_eq(ran_line(NULL, NULL, "interaction|analyze|--by|kind,name,agent,theme").code,
                 EXIT_USAGE);
    cr_expect_eq(ran_line(NULL, NULL, "attribute|define|x|--type|bool|--required-for|export").code,
                 EXIT_USAGE);
}

/* ---- days ---- */

Test(flags, days_have_a_range) {
    check_unsent("retention|update|--engagements=-3d",
                 "profilectl: --engagements: must be a number of days from 0 to 36500, as 90 or "
                 "90d\n");
    check_unsent("retention|update|--surveys|٣٦٥٠١",
                 "profilectl: --surveys: must be a number of days from 0 to 36500, as 90 or 90d\n");
    cr_expect_eq(ran_line(NULL, NULL, "retention|update|--surveys|٣٠ي").code, EXIT_USAGE);
    cr_expect_neq(ran_line(NULL, NULL, "retention|update|--surveys|٣٠d").code, EXIT_USAGE);
    cr_expect_eq(ran_line(NULL, NULL, "retention|update|--activities|3w").code, EXIT_USAGE);
    cr_expect_eq(ran_line(NULL, NULL, "retention|update|--activities|").code, EXIT_USAGE);
}

Test(flags, days_may_have_a_d) {
    check_refused("retention.activity_days", "retention|update|--activities|30d",
                  "\n  --activities, retention.activity_days: is bad\n");
}

/* ---- what is given twice, and numbers ---- */

Test(flags, a_name_that_is_given_twice_is_told) {
    check_unsent("interaction|record|--survey|s|--answer|q=1|--answer|q=1",
                 "profilectl: --answer q is there twice\n");
}

Test(flags, a_number_without_an_end_has_none) {
    check_unsent("profile|list|--limit|0", "profilectl: --limit: must be a number from 1 on\n");
}

Test(flags, a_pair_that_is_none_is_told_as_the_help_has_it) {
    check_unsent("interaction|record|--survey|s|--answer|q",
                 "profilectl: --answer reads QUESTION[:TYPE]=VALUE\n");
}

Test(flags, the_channel_and_the_words_of_a_list) {
    check_refused("filter.channel", "interaction|list|1|--channel|x|--text|late",
                  "\n  --channel, filter.channel: is bad\n");
}

Test(flags, the_words_of_a_list) {
    check_refused("filter.text", "interaction|list|1|--channel|x|--text|late",
                  "\n  --text, filter.text: is bad\n");
}

Test(flags, an_option_with_one_value_is_there_once) {
    check_unsent("interaction|record|--activity|x|--amount|5|--amount|6",
                 "profilectl: --amount is there twice\n");
    cr_expect_eq(ran_line(NULL, NULL, "profile|list|--limit|5|--limit|6").code, EXIT_USAGE);
}

Test(flags, an_option_of_every_command_may_be_there_again) {
    cr_expect_eq(ran_line(NULL, NULL, "profile|list|--timeout|5|--timeout|1").code,
                 EXIT_STATUS + CODE_UNAVAILABLE);
}

Test(flags, suggestions_have_what_their_output_has) {
    check_unsent("identity|suggest|--show-profile",
                 "profilectl: --show-profile is of --output json and ndjson\n");
    cr_expect_eq(ran_line(NULL, NULL, "identity|suggest|--wide|--output|json").code, EXIT_USAGE);
}

Test(flags, what_is_set_is_not_cleared) {
    check_unsent("profile|update|1|-a|city=x|--clear|city",
                 "profilectl: --clear and --attribute do not go together of one attribute: city\n");
}
