#pragma once
/* Every limit that more than one floor or a client must know. proto/ documents the same numbers. */

enum {
    REQUEST_SIZE_MAX = 4 << 20,     /* Bytes of one message on the wire. */
    RESPONSE_SIZE_MAX = 4 << 20,    /* What a client of default settings takes. */
    REQUEST_DEPTH_MAX = 16,         /* Nested messages in a request. */
    REQUEST_FIELDS_MAX = 400000,    /* Fields in a request, nested ones included. */
    REQUEST_ARENA_MAX = 64 << 20,   /* Bytes that a request may allocate while it is unpacked. */
    CALL_ARENA_MAX = 256 << 20,     /* Bytes that it may allocate in all. */
    PAGE_ARENA_MAX = 32 << 20,      /* Bytes after which a page comes short. */
    STREAMS_ARENA_MAX = 1 << 30,    /* Bytes that all streams together may remember. */
    BATCH_RECORDS_MAX = 1000,       /* Records in one message. */
    PAGE_SIZE_DEFAULT = 50,         /* When the request says 0. */
    PAGE_SIZE_MAX = 1000,           /* Items on one page. */
    FILTER_SIZE_MAX = 4096,         /* Bytes of a filter, */
    FILTER_KEPT_SIZE_MAX = 65536,   /* and of one that was accepted, in canonical form. */
    SEGMENT_NAME_SIZE_MAX = 64,     /* Bytes of the name of a segment. */
    NAME_LENGTH_MAX = 256,          /* Characters of a profile's name. */
    IDENTITY_VALUE_SIZE_MAX = 512,  /* Bytes of an identity as given. */
    RECORD_IDENTITIES_MAX = 20,     /* Identities in one record. */
    PROFILE_IDENTITIES_MAX = 128,   /* Identities of one profile, contact data included. */
    PROFILE_UNLINKED_MAX = 32,      /* Identities that it is known were unlinked from a profile. */
    PROFILE_REVIEWS_MAX = 100,      /* Open reviews that name one profile. */
    SOURCE_LENGTH_MAX = 64,         /* Characters of a source's name. */
    BLOCKED_VALUES_MAX = 1000,      /* Blocked values of one identity type. */
    BLOCKED_VALUE_SIZE_MAX = 256,   /* Bytes of one of them. */
    BLOCKED_PATTERNS_MAX = 50,      /* Blocked patterns of one identity type. */
    BLOCKED_PATTERN_SIZE_MAX = 256, /* Bytes of one of them. */
    RULE_VERSIONS_MAX = 1000,       /* Versions of the identity rules that are kept. */
    TRUSTED_SOURCES_MAX = 20,       /* Trusted sources of one attribute. */
    ATTRIBUTES_OWN_MAX = 100,       /* Attributes that a workspace defines and has in use. */
    ATTRIBUTES_KEPT_MAX = 200,      /* Those, and the ones that it retired. */
    ATTRIBUTE_VALUES_MAX = 50,      /* Values in one list of an attribute. */
    ATTRIBUTE_LIST_SIZE_MAX = 4096, /* Bytes of all of them in text form. */
    ATTRIBUTE_LENGTH_MAX = 1024, /* Characters of a string of an attribute that is not built in. */
    ATTRIBUTE_LENGTH_DEFAULT = 256, /* When its definition says 0. */
    ATTRIBUTES_SIZE_MAX = 30000,    /* Bytes of those of one record that are not built in. */
    ENUM_VALUES_MAX = 200,          /* Values of an enumeration. */
    ENUM_VALUE_LENGTH_MAX = 64,     /* Characters of one of them. */
    ENUM_LABELS_MAX = 20,           /* Languages of its labels. */
    LABEL_LENGTH_MAX = 128,         /* Characters of a label, or of a display name. */
    DESCRIPTION_LENGTH_MAX = 1000,  /* Characters of a description. */
    IMPORT_ID_LENGTH_MAX = 128,     /* Characters of an import's id. */
    IMPORT_DRY_ROWS_MAX = 100000,   /* Rows of an import that only validates. */
    FUTURE_HOURS_MAX = 24,          /* How far ahead of the clock a time may be. */
    REQUEST_ID_HOURS = 24,          /* How long a request_id is remembered. */
    WRITE_QUEUE_MAX = 1024,         /* Write calls that wait for a workspace's writer. */
    SUGGESTIONS_DEFAULT = 1000,     /* Suggestions of one call, when the request says 0. */
    SUGGESTIONS_MAX = 10000,        /* Suggestions of one call. */
    SUGGEST_PROFILES_MAX = 300000,  /* Profiles that are compared with each other. */
    SUGGEST_ARENA_MAX = 512 << 20,  /* Bytes that comparing them may take. */
};
