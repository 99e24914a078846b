/* Other names of fields. */

#include "server/segment/field_alias.h"

#include <ctype.h>

struct alias {
    const char *other; /* In small letters, without _. */
    const char *name;
};

static const struct alias of_persons[] = {
    {"createdat", "create_time"},
    {"createdon", "create_time"},
    {"creationtime", "create_time"},
    {"created", "create_time"},
    {"createat", "create_time"},
    {"updatedat", "update_time"},
    {"updatedon", "update_time"},
    {"updated", "update_time"},
    {"updateat", "update_time"},
    {"modifiedat", "update_time"},
    {"modifiedtime", "update_time"},
    {"modified", "update_time"},
    {"changed", "update_time"},
    {"lastinteraction", "last_interaction_time"},
    {"lastseen", "last_interaction_time"},
    {"lastactivity", "last_interaction_time"},
    {"lastcontact", "last_interaction_time"},
    {"firstinteraction", "first_interaction_time"},
    {"firstseen", "first_interaction_time"},
    {"interactions", "interaction_count"},
    {"profileid", "id"},
    {"fullname", "name"},
    {"mobile", "identity.phone"},
    {"telephone", "identity.phone"},
    {"emailaddress", "identity.email"},
    {"phonenumber", "identity.phone"},
    {"birthday", "attributes.birth_date"},
    {"dateofbirth", "attributes.birth_date"},
    {"dob", "attributes.birth_date"},
    {"age", "attributes.birth_date"},
    {"firstname", "attributes.given_name"},
    {"forename", "attributes.given_name"},
    {"lastname", "attributes.family_name"},
    {"surname", "attributes.family_name"},
    {"mood", "net_sentiment"},
    {"score", "net_sentiment"},
};

static const struct alias of_interactions[] = {
    {"createdat", "time"}, {"createtime", "time"},
    {"occurtime", "time"}, {"timestamp", "time"},
    {"date", "time"},      {"type", "kind"},
    {"event", "name"},     {"eventname", "name"},
    {"surveyid", "name"},  {"score", "sentiment_score"},
    {"mood", "sentiment"}, {"message", "text"},
    {"value", "amount"},
};

/* Whether a name is `other`, its case, _ and - aside. */
static bool is_called(const char *name, const char *other) {
    for (; *name != '\0'; name++) {
        if (*name == '_' || *name == '-') {
            continue;
        }
        if (tolower((unsigned char)*name) != *other) {
            return false;
        }
        other++;
    }
    return *other == '\0';
}

static const char *find(const struct alias *aliases, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++) {
        if (is_called(name, aliases[i].other)) {
            return aliases[i].name;
        }
    }
    return NULL;
}

const char *field_alias_find(enum field_subject subject, const char *name) {
    return subject == FIELD_OF_INTERACTIONS
               ? find(of_interactions, sizeof of_interactions / sizeof *of_interactions, name)
               : find(of_persons, sizeof of_persons / sizeof *of_persons, name);
}
