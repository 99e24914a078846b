/* What filters read of a person that is not as plain as an attribute: roll-ups when interactions
 * are gone, traits of values of any type, names of collections. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/definitions.h"
#include "tests/handlers/traits.h"

TestSuite(person, .init = ask_open, .fini = ask_close);

/* The names that a filter finds, each behind a space; or where it is refused, and for what. */
static const char *found(const char *filter) {
    Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    request.filter = (char *)(uintptr_t)filter;
    ProtobufCMessage *message = NULL;
    const struct answer *answer =
        call(ask_fixture, &rpc_profile_service, "ListProfiles", &request.base, &message);
    if (message == NULL) {
        return arena_format(&ask_arena, "at %s %s", answer_metadata(answer, "offset"),
                            answer_metadata(answer, "found"));
    }
    const Profiled__V1__ListProfilesResponse *page =
        (const Profiled__V1__ListProfilesResponse *)message;
    const char *names = "";
    for (size_t i = 0; i < page->n_profiles; i++) {
        names = arena_format(&ask_arena, "%s %s", names, page->profiles[i]->name);
    }
    return names;
}

static void say(const char *id, const char *channel, const char *theme, int64_t days_ago) {
    Profiled__V1__Interaction *interaction =
        engagement_told("", channel, ask_now_us() - days_ago * US_PER_DAY);
    interaction->engagement->theme = (char *)(uintptr_t)theme;
    record_event(event_by_id(interaction, id));
}

/* ---- interactions ---- */

static void keep_engagements(int32_t days) {
    Profiled__V1__Retention retention = PROFILED__V1__RETENTION__INIT;
    retention.engagement_days = days;
    char *path = (char *)(uintptr_t) "engagement_days";
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    mask.n_paths = 1;
    mask.paths = &path;
    Profiled__V1__UpdateRetentionRequest request = PROFILED__V1__UPDATE_RETENTION_REQUEST__INIT;
    request.retention = &retention;
    request.update_mask = &mask;
    ask(&rpc_interaction_service, "UpdateRetention", &request.base);
    call_sweep(ask_fixture);
}

Test(person, of_whom_all_interactions_are_gone_has_no_time_of_one) {
    say(create(TOLD(.name = "Noura"))->id, "email", "", 40);
    say(create(TOLD(.name = "Sara"))->id, "email", "", 10);
    cr_expect_str_eq(found("last_interaction_time < now - 30d"), " Noura");

    keep_engagements(30);

    cr_expect_str_eq(found("last_interaction_time:*"), " Sara");
    cr_expect_str_eq(found("first_interaction_time < now"), " Sara");
    cr_expect_str_eq(found("NOT last_interaction_time > now - 30d"), " Noura");
    cr_expect_str_eq(found("interaction_count = 0"), " Noura");
    cr_expect_str_eq(found("channels:*"), " Sara");
    cr_expect_str_eq(found("channels:email"), " Sara");
}

/* Everybody has the number 0 of what there is none of: :* asks for some. */
Test(person, a_label_is_there_when_there_is_an_interaction_of_it) {
    say(create(TOLD(.name = "Noura"))->id, "whatsapp", "", 0);
    create(TOLD(.name = "Sara"));
    cr_expect_str_eq(found("channels.whatsapp:*"), " Noura");
    cr_expect_str_eq(found("channels.whatsapp.count:*"), " Noura");
    cr_expect_str_eq(found("channels.whatsapp.last_time:*"), " Noura");
    cr_expect_str_eq(found("channels:whatsapp"), " Noura");
    cr_expect_str_eq(found("channels:*"), " Noura");
    cr_expect_str_eq(found("channels.whatsapp = 0"), " Sara");
    cr_expect_str_eq(found("channels.email:*"), "");
    cr_expect_str_eq(found("interaction_count:*"), " Noura Sara");
}

Test(person, labels_are_asked_for_in_any_case) {
    say(create(TOLD(.name = "Noura"))->id, "whatsapp", "Late Delivery", 0);
    cr_expect_str_eq(found("channels.WhatsApp >= 1"), " Noura");
    cr_expect_str_eq(found("themes:\"late delivery\""), " Noura");
    cr_expect_str_eq(found("kinds:ENGAGEMENT"), " Noura");
}

Test(person, themes_are_asked_for_by_what_they_are_called) {
    Profiled__V1__Theme__LabelsEntry label = PROFILED__V1__THEME__LABELS_ENTRY__INIT;
    Profiled__V1__Theme__LabelsEntry *labels[] = {&label};
    Profiled__V1__Theme theme = PROFILED__V1__THEME__INIT;
    Profiled__V1__CreateThemeRequest request = PROFILED__V1__CREATE_THEME_REQUEST__INIT;
    label.key = (char *)(uintptr_t) "ar";
    label.value = (char *)(uintptr_t) "شكوى";
    theme.name = (char *)(uintptr_t) "complaint";
    theme.n_labels = 1;
    theme.labels = labels;
    request.theme = &theme;
    ask(&rpc_schema_service, "CreateTheme", &request.base);
    say(create(TOLD(.name = "Noura"))->id, "email", "complaint", 0);
    cr_expect_str_eq(found("themes:شكوى"), " Noura");
    cr_expect_str_eq(found("themes.شكوى.count = 1"), " Noura");
    cr_expect_str_eq(found("themes:Complaint"), " Noura");
    cr_expect_str_eq(found("themes:praise"), "at 7 the name praise");
}

Test(person, names_of_labels_have_no_wildcards) {
    say(create(TOLD(.name = "Noura"))->id, "whatsapp", "", 0);
    cr_expect_str_eq(found("channels:what*"), "at 9 a name with a *");
    cr_expect_str_eq(found("channels.what*.count > 0"), "at 9 a name with a *");
    cr_expect_str_eq(found("channels:\\*"), "at 9 a name of 1 character");
}

/* ---- traits ---- */

static void order(const char *id, Profiled__V1__PropertyValue value) {
    Profiled__V1__PropertyValue *values = arena_alloc(&ask_arena, sizeof *values);
    *values = value;
    record_event(event_by_id(activity_told(values, 1), id));
}

static Profiled__V1__PropertyValue property(Profiled__V1__PropertyValue__ValueCase type) {
    Profiled__V1__PropertyValue value = PROFILED__V1__PROPERTY_VALUE__INIT;
    value.value_case = type;
    return value;
}

/* Somebody who is made a second after whoever was before: ids of one time are in no order. */
static const char *create_later(const char *name) {
    ask_wait_us(US_PER_SECOND);
    return create(TOLD(.name = name))->id;
}

Test(person, a_property_is_there_whatever_its_type) {
    Profiled__V1__TraitDefinition *trait =
        trait_told("last", AGGREGATION(LAST), FIELD(PROPERTY), 0);
    trait->field_name = (char *)(uintptr_t) "p0";
    create_trait(trait);
    Profiled__V1__PropertyValue number = property(PROFILED__V1__PROPERTY_VALUE__VALUE_NUMBER);
    number.number = 5;
    Profiled__V1__PropertyValue word = property(PROFILED__V1__PROPERTY_VALUE__VALUE_TEXT);
    word.text = (char *)(uintptr_t) "Spring";
    Profiled__V1__PropertyValue flag = property(PROFILED__V1__PROPERTY_VALUE__VALUE_FLAG);
    flag.flag = true;
    Profiled__V1__PropertyValue time = property(PROFILED__V1__PROPERTY_VALUE__VALUE_TIME);
    time.time = time_told(ask_now_us());
    order(create_later("Number"), number);
    order(create_later("Word"), word);
    order(create_later("Flag"), flag);
    order(create_later("Time"), time);
    create(TOLD(.name = "None"));

    cr_expect_str_eq(found("traits.last:*"), " Number Word Flag Time");
    cr_expect_str_eq(found("traits:last"), " Number Word Flag Time");
    cr_expect_str_eq(found("traits.last = 5"), " Number");
    cr_expect_str_eq(found("traits.last = \"5\""), " Number");
    cr_expect_str_eq(found("traits.last = spring"), " Word");
    cr_expect_str_eq(found("traits.last = true"), " Flag");
    cr_expect_str_eq(found("traits.last > now - 1d"), " Time");
    cr_expect_str_eq(found("traits.last != spring"), " Number Flag Time");
}

/* ---- names ---- */

Test(person, a_word_alone_is_one_of_the_name_with_wildcards_too) {
    create(TOLD(.name = "Sara Otaibi"));
    create(TOLD(.name = "Now Amer"));
    cr_expect_str_eq(found("sar*"), " Sara Otaibi");
    cr_expect_str_eq(found("name:sar*"), " Sara Otaibi");
    cr_expect_str_eq(found("*"), " Sara Otaibi Now Amer");
    cr_expect_str_eq(found("\\*"), "at 0 a text of 1 character");
}

Test(person, now_is_a_text_where_texts_are_compared) {
    create(TOLD(.name = "Now Amer", .attributes = {ATTRIBUTE("city", "Now")}));
    cr_expect_str_eq(found("name:now"), " Now Amer");
    cr_expect_str_eq(found("attributes.city = now"), " Now Amer");
    cr_expect_str_eq(found("attributes.city = now-1d"), "at 16 =");
    cr_expect_str_eq(found("create_time = now"), "at 12 =");
}

/* ---- texts ---- */

/* Folding leaves nothing of it: no index has it. */
Test(person, a_value_that_nobody_sees_is_one) {
    create(TOLD(.name = "Sara", .attributes = {ATTRIBUTE("city", "\u200c")}));
    create(TOLD(.name = "Noura", .attributes = {ATTRIBUTE("city", "Jeddah")}));
    cr_expect_str_eq(found("attributes.city = \"\u200c\""), " Sara");
    cr_expect_str_eq(found("attributes.city = \"\u200cjeddah\""), " Noura");
    cr_expect_str_eq(found("attributes.city:*"), " Sara Noura");
    cr_expect_eq(call_verify(ask_fixture), 0);
}
