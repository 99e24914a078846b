/* The channels that every workspace begins with: the one table of them. proto/README.md shows the
 * same. */

#include "server/interaction/channels.h"

#include <assert.h>
#include <string.h>

#define CALLED(NAME, ENGLISH, ARABIC, FRENCH, SPANISH)                                             \
    .built_in = true,                                                                              \
    .term = {NAME, 4,                                                                              \
             (const struct term_label[]){                                                          \
                 {"en", ENGLISH}, {"ar", ARABIC}, {"fr", FRENCH}, {"es", SPANISH}},                \
             false}

/* What is called the same wherever letters are Latin. */
#define BRAND(NAME, LATIN, ARABIC) CALLED(NAME, LATIN, ARABIC, LATIN, LATIN)

#define ALSO(...)                                                                                  \
    .aliases = (const char *const[]){__VA_ARGS__},                                                 \
    .alias_count = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)

/* The name never changes, for interactions have it. The identity type of most is that of the same
 * name: a workspace that has none has no identities of such handles. */
static const struct channel builtin[] = {
    {BRAND("whatsapp", "WhatsApp", "واتساب"), .identity_type = "whatsapp"},
    {BRAND("messenger", "Messenger", "ماسنجر"), .identity_type = "messenger",
     ALSO("facebook_messenger")},
    {BRAND("facebook", "Facebook", "فيسبوك"), .identity_type = "facebook"},
    {BRAND("instagram", "Instagram", "إنستغرام"), .identity_type = "instagram"},
    {BRAND("twitter", "X", "إكس"), .identity_type = "twitter", ALSO("x")},
    {BRAND("tiktok", "TikTok", "تيك توك"), .identity_type = "tiktok"},
    {BRAND("youtube", "YouTube", "يوتيوب"), .identity_type = "youtube"},
    {BRAND("snapchat", "Snapchat", "سناب شات"), .identity_type = "snapchat"},
    {BRAND("linkedin", "LinkedIn", "لينكدإن"), .identity_type = "linkedin"},
    {BRAND("telegram", "Telegram", "تيليجرام"), .identity_type = "telegram"},
    {BRAND("threads", "Threads", "ثريدز"), .identity_type = "threads"},
    {BRAND("pinterest", "Pinterest", "بينتريست"), .identity_type = "pinterest"},
    {BRAND("reddit", "Reddit", "ريديت"), .identity_type = "reddit"},
    {BRAND("discord", "Discord", "ديسكورد"), .identity_type = "discord"},
    {BRAND("line", "LINE", "لاين"), .identity_type = "line"},
    {BRAND("wechat", "WeChat", "وي تشات"), .identity_type = "wechat"},
    {BRAND("viber", "Viber", "فايبر"), .identity_type = "viber"},
    {CALLED("email", "Email", "البريد الإلكتروني", "E-mail", "Correo electrónico"),
     .identity_type = "email", ALSO("mail", "e-mail")},
    {BRAND("sms", "SMS", "رسالة نصية"), .identity_type = "phone", ALSO("text_message")},
    {CALLED("call", "Phone call", "مكالمة هاتفية", "Appel téléphonique", "Llamada telefónica"),
     .identity_type = "phone", ALSO("phone", "phone_call")},
    {CALLED("chat", "Web chat", "دردشة الويب", "Chat web", "Chat web"), .identity_type = "chat",
     ALSO("web_chat", "webchat", "live_chat")},
    {CALLED("in_app", "In the app", "داخل التطبيق", "Dans l’application", "En la aplicación"),
     .identity_type = "in_app", ALSO("app")},
    {CALLED("push", "Push notification", "إشعار فوري", "Notification push", "Notificación push"),
     .identity_type = "push", ALSO("push_notification")},
    {CALLED("web", "Website", "الموقع الإلكتروني", "Site web", "Sitio web"), .identity_type = "web",
     ALSO("website")},
    {CALLED("web_form", "Web form", "نموذج ويب", "Formulaire web", "Formulario web"),
     .identity_type = "web_form", ALSO("form", "contact_form")},
    {BRAND("app_store", "App Store", "آب ستور"), .identity_type = "app_store"},
    {BRAND("google_play", "Google Play", "جوجل بلاي"), .identity_type = "google_play",
     ALSO("play_store")},
    {BRAND("google_business", "Google Business Profile", "الملف التجاري على جوجل"),
     .identity_type = "google_business", ALSO("google_reviews")},
    {CALLED("reviews", "Review site", "موقع تقييمات", "Site d’avis", "Sitio de reseñas"),
     .identity_type = "reviews", ALSO("review")},
    {CALLED("in_person", "In person", "حضوريًا", "En personne", "En persona"),
     .identity_type = "in_person", ALSO("branch")},
    {BRAND("intercom", "Intercom", "إنتركوم"), .identity_type = "intercom"},
    {BRAND("genesys", "Genesys", "جينيسيس"), .identity_type = "genesys"},
};
static_assert(sizeof builtin / sizeof *builtin == CHANNELS_BUILTIN, "every channel has its row");

const struct channel *channels_builtin(size_t *count) {
    *count = CHANNELS_BUILTIN;
    return builtin;
}

const struct channel *channel_builtin(const char *name) {
    for (size_t i = 0; i < CHANNELS_BUILTIN; i++) {
        if (strcmp(builtin[i].term.name, name) == 0) {
            return &builtin[i];
        }
        for (size_t k = 0; k < builtin[i].alias_count; k++) {
            if (strcmp(builtin[i].aliases[k], name) == 0) {
                return &builtin[i];
            }
        }
    }
    return NULL;
}
