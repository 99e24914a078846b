/* Rules and verdicts in words. */

#include "client/cli/rule_words.h"

#define RULE(NAME) PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_##NAME
#define VERDICT(NAME) PROFILED__V1__MATCH_VERDICT__MATCH_VERDICT_##NAME

const char *rule_words(Profiled__V1__IdentityRule rule, char room[WORDS_SIZE]) {
    static const struct {
        int rule;
        const char *words;
    } rows[] = {
        {RULE(UNSPECIFIED), ""},
        {RULE(BLOCKED_VALUE), "a blocked value of its type, which identifies nobody"},
        {RULE(BLOCKED_REPEATED), "one character repeated, which identifies nobody"},
        {RULE(BLOCKED_SHORT), "too short to identify anybody"},
        {RULE(BLOCKED_ROLE_MAILBOX), "a role mailbox, which many people share"},
        {RULE(BLOCKED_PATTERN),
         "a pattern of values that identify nobody is found in it, or can't be ruled out"},
        {RULE(TYPE_NOT_MATCHING), "its type does not match"},
        {RULE(TYPE_DISABLED), "its type is out of use"},
        {RULE(OVER_LIMIT), "over the limit of its type"},
        {RULE(OWNED_ELSEWHERE), "another profile has it"},
        {RULE(VETO_BIRTH_DATE), "the birth dates differ"},
        {RULE(VETO_GENDER), "the genders differ"},
        {RULE(VETO_GIVEN_NAME), "the given names differ"},
        {RULE(VETO_SINGLE_VALUE), "two values of a type of which a person has one"},
        {RULE(MERGE_TYPE), "identities of the type join nobody"},
        {RULE(MERGE_PROVENANCE), "not known well enough to join two profiles"},
        {RULE(MERGE_LIMIT), "together they would have too much"},
        {RULE(NEVER_JOIN), "somebody said that they are never to be one"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].rule == (int)rule) {
            return rows[i].words;
        }
    }
    output_words(&profiled__v1__identity_rule__descriptor, (int32_t)rule, "IDENTITY_RULE_", room);
    return room;
}

static const char *words_of_two(int verdict) {
    switch (verdict) {
    case VERDICT(SAME):
        return "They are one profile already.";
    case VERDICT(WOULD_JOIN):
        return "They would be joined by a record that tells what they have in common with an "
               "identity of each.";
    case VERDICT(MAY_JOIN_BY_HAND):
        return "No rule joins them. They may be merged by hand.";
    case VERDICT(KEPT_APART):
        return "They are kept apart.";
    default:
        return "";
    }
}

static const char *words_of_record(int verdict, bool with_profile) {
    switch (verdict) {
    case VERDICT(WOULD_JOIN):
        return with_profile ? "The record would be joined with the profile."
                            : "The record would be joined with a profile that is there.";
    case VERDICT(MAY_JOIN_BY_HAND):
        return "The record would not be joined with the profile. Where it goes could then be "
               "merged with it by hand.";
    case VERDICT(KEPT_APART):
        return with_profile ? "The record is kept from the profile."
                            : "The record is kept from all that its identities reach, and would "
                              "make a profile of its own.";
    case VERDICT(NEW_PROFILE):
        return "The record would make a new profile: nobody has what it tells.";
    default:
        return "";
    }
}

const char *verdict_words(const Profiled__V1__ExplainMatchResponse *response) {
    return response->decision == NULL
               ? words_of_two((int)response->verdict)
               : words_of_record((int)response->verdict, response->profile_id[0] != '\0');
}
