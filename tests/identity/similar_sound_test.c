/* Names across spellings and scripts. */

#include "server/identity/similar_sound.h"

#include "server/identity/similar_name.h"
#include "tests/engine/leaks.h"
#include "tests/identity/forms.h"

static void finish(void) {
    forms_free();
    leaks_check();
}

TestSuite(similar_sound, .fini = finish);

struct two_names {
    const char *one;
    const char *other;
};

/* So that they come into one block. */
static bool share_a_sound(const struct similar_name *one, const struct similar_name *other) {
    for (size_t i = 0; i < SIMILAR_READINGS_COUNT; i++) {
        for (size_t k = 0; k < SIMILAR_READINGS_COUNT; k++) {
            const uint64_t hash = similar_name_sound(one, i);
            if (hash != 0 && hash == similar_name_sound(other, k)) {
                return true;
            }
        }
    }
    return false;
}

static bool sound_alike(struct two_names names) {
    struct arena *arena = forms_arena();
    const struct similar_name one = similar_name_of(names.one, arena, arena);
    const struct similar_name other = similar_name_of(names.other, arena, arena);
    const bool agree = similar_sound_agree(&one.sound, &other.sound);
    cr_expect_eq(agree, similar_sound_agree(&other.sound, &one.sound), "'%s' '%s': one way only",
                 names.one, names.other);
    cr_expect(!agree || share_a_sound(&one, &other), "'%s' '%s'", names.one, names.other);
    return agree;
}

Test(similar_sound, spellings_of_one_name) {
    static const struct two_names tests[] = {
        {"محمد", "Mohammed"},
        {"محمد", "Muhammad"},
        {"محمد", "Mohamed"},
        {"مُحَمَّد", "Mouhamad"},
        {"Mohammed", "Muhamad"},
        {"أحمد", "Ahmed"},
        {"أحمد", "Ahmad"},
        {"محمود", "Mahmoud"},
        {"محمود", "Mahmood"},
        {"حسن", "Hassan"},
        {"حسن", "Hasan"},
        {"حسين", "Hussein"},
        {"الحسين", "Al-Hussein"},
        {"الحسين", "Alhussain"},
        {"حسين", "Husayn"},
        {"Hussein", "Hossain"},
        {"علي", "Ali"},
        {"عمر", "Omar"},
        {"عمر", "Umar"},
        {"عثمان", "Othman"},
        {"خالد", "Khaled"},
        {"خالد", "Khalid"},
        {"عبدالله", "Abdullah"},
        {"عبدالله", "Abd Allah"},
        {"عبد الله", "Abdallah"},
        {"عبدالله", "Abdulla"},
        {"عبد الرحمن", "Abdulrahman"},
        {"عبدالرحمن", "Abd El-Rahman"},
        {"عبدالرحمن", "Abdurrahman"},
        {"عبدالرحمن", "عبد الرحمن"},
        {"عبدالعزيز", "Abdul Aziz"},
        {"عبدالعزيز", "Abdelaziz"},
        {"عبدالوهاب", "Abdul Wahab"},
        {"نصرالله", "Nasrallah"},
        {"يوسف", "Youssef"},
        {"يوسف", "Yusuf"},
        {"إبراهيم", "Ibrahim"},
        {"إسماعيل", "Ismail"},
        {"إسحاق", "Ishaq"},
        {"أسامة", "Osama"},
        {"أسامة", "Usamah"},
        {"إيمان", "Eman"},
        {"أيمن", "Ayman"},
        {"أدهم", "Adham"},
        {"فتحي", "Fathi"},
        {"مدحت", "Medhat"},
        {"صالح", "Saleh"},
        {"صالح", "Salih"},
        {"سعيد", "Saeed"},
        {"سعيد", "Said"},
        {"سعد", "Saad"},
        {"معاذ", "Moadh"},
        {"معاذ", "Muadh"},
        {"معاذ", "Muath"},
        {"معاذ", "Moath"},
        {"معاذ", "Moaz"},
        {"معاذ", "Moad"},
        {"معاذ", "معاز"},
        {"عثمان", "Osman"},
        {"عثمان", "Otman"},
        {"ثامر", "Thamer"},
        {"ثامر", "Samer"},
        {"حارث", "Harith"},
        {"حارث", "Hares"},
        {"ذياب", "Dhiab"},
        {"ذياب", "Thiab"},
        {"ذياب", "Diab"},
        {"ذياب", "Ziab"},
        {"كاظم", "Kazem"},
        {"كاظم", "Kadhim"},
        {"كاظم", "Kathem"},
        {"حافظ", "Hafez"},
        {"حافظ", "Hafidh"},
        {"حافظ", "Hafith"},
        {"ظافر", "Dhafer"},
        {"ظافر", "ضافر"},
        {"أبو ظبي", "Abu Dhabi"},
        {"جمال", "Gamal"},
        {"جمال", "Jamal"},
        {"شريف", "Sherif"},
        {"شريف", "Cherif"},
        {"وليد", "Waleed"},
        {"وليد", "Oualid"},
        {"ياسر", "Yasser"},
        {"طارق", "Tareq"},
        {"غسان", "Ghassan"},
        {"فيصل", "Faisal"},
        {"مصطفى", "Mustafa"},
        {"مصطفى", "Mostafa"},
        {"موسى", "Musa"},
        {"عيسى", "Issa"},
        {"يحيى", "Yahya"},
        {"فاطمة", "Fatima"},
        {"فاطمة", "Fatimah"},
        {"عائشة", "Aisha"},
        {"خديجة", "Khadija"},
        {"مريم", "Maryam"},
        {"مريم", "Mariam"},
        {"نورة", "Noura"},
        {"نورة", "Norah"},
        {"هدى", "Huda"},
        {"هدى", "Hoda"},
        {"ليلى", "Layla"},
        {"ليلى", "Leila"},
        {"سلوى", "Salwa"},
        {"مروة", "Marwa"},
        {"منى", "Mona"},
        {"هناء", "Hanaa"},
        {"القحطاني", "Al-Qahtani"},
        {"الحربي", "Alharbi"},
        {"الحربي", "Al Harbi"},
        {"الشهري", "Al-Shehri"},
        {"الدوسري", "Ad-Dosari"},
        {"السيد", "El-Sayed"},
        {"الغامدي", "Al Ghamdi"},
        {"الزهراني", "Az-Zahrani"},
        {"الرياض", "Riyadh"},
        {"جدة", "Jeddah"},
        {"القاهرة", "Al-Qahirah"},
        {"محمد بن سلمان", "Mohammed bin Salman"},
        {"Stephen", "Stefen"},
        {"Philip", "Filip"},
        {"Jasmin", "Jasmine"},
    };
    for (size_t i = 0; i < COUNT(tests); i++) {
        cr_expect(sound_alike(tests[i]), "'%s' and '%s' are two", tests[i].one, tests[i].other);
    }
}

Test(similar_sound, names_that_are_two) {
    static const struct two_names tests[] = {
        {"حسن", "حسين"},
        {"حسن", "Hussein"},
        {"حسين", "Hassan"},
        {"Hassan", "Hussein"},
        {"محمد", "محمود"},
        {"محمد", "Mahmoud"},
        {"محمود", "Mohammed"},
        {"Mohammed", "Mahmoud"},
        {"محمد", "Ahmed"},
        {"أحمد", "حامد"},
        {"أحمد", "Hamed"},
        {"حمد", "محمد"},
        {"كريم", "كريمة"},
        {"كريم", "Karima"},
        {"Karim", "Karima"},
        {"Karim", "Akram"},
        {"سالم", "سليم"},
        {"Salem", "Salloum"},
        {"Salman", "Soliman"},
        {"سلمان", "Suleiman"},
        {"سعد", "سعيد"},
        {"سعد", "Said"},
        {"Saad", "Saeed"},
        {"خالد", "Khaldoun"},
        {"خالد", "Walid"},
        {"علي", "Omar"},
        {"علي", "Adel"},
        {"عبدالله", "Abdulrahman"},
        {"عبدالله", "عبدالإله"},
        {"عبدالرحمن", "عبدالرحيم"},
        {"عبدالرحمن", "Abdulrahim"},
        {"ناصر", "Nasrin"},
        {"فهد", "Fahmi"},
        {"معاذ", "Moat"},
        {"معاذ", "Moas"},
        {"معاذ", "معاث"},
        {"عثمان", "Ozman"},
        {"عثمان", "Odman"},
        {"كاظم", "Katem"},
        {"Moath", "Moaz"},
        {"Osman", "Othman"},
        {"Ruth", "Russ"},
        {"Seth", "Zeth"},
        {"Sami", "Tami"},
        {"Dina", "Zina"},
        {"زين", "Dean"},
        {"زياد", "Dhiad"},
        {"سامر", "Thamer"},
        {"تامر", "ثامر مراد"},
        {"نورة", "Nourah Sami"},
        {"منى", "Amina"},
        {"ليلى", "Lulu"},
        {"Jack", "Jake Smith"},
        {"Maria", "Mario"},
        {"Peter", "Pedro"},
        {"Иван", "Ivan"},
        {"", ""},
        {"", "Ali"},
        {"123", "123"},
        {"王", "王"},
    };
    for (size_t i = 0; i < COUNT(tests); i++) {
        cr_expect(!sound_alike(tests[i]), "'%s' and '%s' are one", tests[i].one, tests[i].other);
    }
}

Test(similar_sound, long_names_are_cut) {
    static const struct two_names tests[] = {
        {"bcdfghjklmnpqrstvwxzbcdfghjklmnpqrstvwxzbcdfghjklmnpqrstvwxz",
         "bcdfghjklmnpqrstvwxzbcdfghjklmnpqrstvwxzbcdfghjklmnpqrstvwxz"}};
    struct arena *arena = forms_arena();

    const struct similar_name name = similar_name_of(tests[0].one, arena, arena);

    cr_expect_eq(name.sound.count, SIMILAR_SOUND_MAX);
    cr_expect(sound_alike(tests[0]));
}
