/* Subtags in tables: those of languages by their first two letters. */

#include "server/identity/language_subtag.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "server/identity/country.h"

/* The third letters of the codes of three: the 7,910 languages of ISO 639-3 (as of 2023, in
 * iso-codes 4.15), the groups of ISO 639-5, and him of ISO 639-2. */
/* clang-format off */
static const char *const third_letters[26][26] = {
    {"abcdefghiklnopqrstuvwxz", "abcdefghijklmnopqrstuvwxyz", "abdefhiklmnpqrstuvwxyz",
     "abdefghijlnoqrstuwxyz", "abcdeklmnqrsuwyz", "abdeghiknoprstuz", "abcdefghijklmnoqrstuvwxyz",
     "abghiklmnoprst", "abcdefghijklmnopqrtwxy", "aginpsuwz", "abcdefghijklmopqrstuvwxyz",
     "acdefghijklmnopqrstuvwxyz", "abcefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz",
     "abcdefgijklmnrstuxz", "abcdefghijklmnopqrstuvwxyz", "acdgklmnprtz",
     "abcdeghijklnopqrstuvwxyz", "abcefghijklmnopqrstuvwxyz", "abcdeghijklmnopqrstuvwxyz",
     "abcdfghijklmnopqrstuwxyz", "abdeiklmnostuv", "abcdeghikmnorstuvwxy", "begklmx",
     "abcdeghiklmnopqrstuz", "abcdegjmnotz"},
    {"abcdefghijklmnoprstuvwxy", "abcdefghijklmnopqrstuvwxy", "abcdefghijklmnopqrstuvwyz",
     "abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuwxyz",
     "abcdefgijklnopqrstuvwxyz", "abcdefghijlmnopqrstuvwxyz", "abdefghklmnopqrstuvwxyz",
     "abcefghijklmnoprstuvwxyz", "acdfghijklmnopqrstuvwxyz", "abcdefhijklmnopqrstvwxyz",
     "abcdefghijklmnopqrstuvwxz", "abcdefgijklmnopqrstuvwxyz", "abdefghijklmnopqrstuvwxyz",
     "acdeghijklmnopqrstuvwxyz", "abcdfghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz",
     "abcefghijklmnopqrstuvwxy", "acdefghijkmnopqrstuvwxyz", "abcdefghijklmnopqstuvwxyz",
     "abcdefghijklmnopqrtuvwxyz", "abcdefghijklmnopqrstuwxyz", "abcdefghijklmnopqrsuvwz",
     "abcdefghijklmnopqrstvwxz", "abcdefghijklmnopqrstuvwxyz"},
    {"abcdefghijklmnopqrstuvwxyz", "abcdgijklnoqrstuvwy", "cdeghjlmnoprs", "acdefhijmnorsyz",
     "abgklnsty", "adgm", "acgk", "abcdefghjklmnopqrtuvwxyz", "abcdehkmnprwy", "aehikmnopsvy",
     "bhlmnoqrstuvxyz", "acdehijklmotuwy", "acegilmnorst", "abcghiklopqrstuwx",
     "abcdefghjklmnopqrstuvwxz", "abcefginopsuxy", "d", "abcdefghijklmnopqrstvwxyz",
     "abcdefghijklmnopqrstuvwxyz", "acdeghlmnopstuyz", "abchijklopqrstuvwxy", "gn", "abdegt", "",
     "abmo", "hknot"},
    {"acdeghijklmnoqrsuvwxyz", "abdefgijlmnopqrtuvwy", "cr", "adegijnorsw", "cdefghiklmnpqrsuvz",
     "", "abcdeghiklnorstwxz", "dgilmnorsuvwx", "abcdfghijklmnopqrsuvwxyz", "abcdefijkmnoruw",
     "agkrsx", "gkmn", "abcdefgklmnorsuvwxy", "adegijknortuvwy", "abcefhiklnopqrstvwxyz", "p", "",
     "abcdegilnoqstuy", "behilnoqz", "abdhikmnoprstuy", "abcefghiklmnopqrsuvwxyz", "a",
     "akrsuwyz", "", "abdgimnouy", "aeglno"},
    {"a", "cgkoru", "rsy", "", "e", "aei", "almoxy", "su", "ptv", "a", "aegiklmopry", "ehiklmoux",
     "abegikmnpqsuwxyz", "abcdfghlmnoqruvwx", "t", "io", "", "aghikorstw", "eghiklmnoqstuxy",
     "bchnorstuxz", "qs", "ehn", "eo", "t", "ao", "ae"},
    {"abdfghijklmnoprstuxyz", "l", "s", "", "r", "im", "r", "", "aefjlnprtuw", "", "kv",
     "ahilnry", "pu", "bgi", "dimnrsx", "e", "s", "acdkmopqrsty", "els", "", "bcdefhijlmnqrtuvy",
     "r", "ae", "", "", ""},
    {"abcdefghijklmnopqrstuwxyz", "abdefghijklmnopqrsuvwxyz", "cdeflnrt", "abcdefghijklmnoqrstux",
     "abcdfghijklmqsvwxyz", "kt", "abdegkltuw", "acehklnorst", "abcdeghilmnpqrstuwxyz", "kmnru",
     "adenopu", "abcdeghjkloruvwy", "abdeghlmnqruvwxyz", "abcdeghijklmnoqrtuwz",
     "abcdefghijklmnopqrstuvwxyz", "aen", "ainru", "abcdghijkmnoqrstuvwxyz", "eglmnopsw", "au",
     "abcdefghijklmnopqrstuwxz", "acefjlmnoprsy", "abcdefgijmnrtuwx", "x", "abdefgilmnoryz",
     "ain"},
    {"abcdefghijklmnopqrstuvwxyz", "abnosu", "ah", "nsy", "abdghimr", "", "mw", "iry",
     "abdfghijklmnortwx", "i", "aehkns", "abdetu", "abcdefghijklmnopqrstuvwxyz", "adeghijnosu",
     "abcdehijklmoprstvwyz", "os", "", "acekmoptuvwxz", "bhlns", "iosux",
     "bcdefghijklmnopqrstuvwxyz", "ceknv", "aco", "", "aewx", ""},
    {"inr", "abdeghlmnoruy", "ahlr", "abcdeiorstu", "", "abefkmuy", "beglmnosw", "bipw", "inr",
     "cejnos", "eikloprstuvwxz", "abegikmopsuv", "ailnorsty", "abcdeghjlmnopstz", "ruw", "iko",
     "uw", "aehiknoruxy", "acdeghiklmnortu", "abcdeiklmorstvwxyz", "m", "bv", "kmos", "cl", "aox",
     "hrz"},
    {"abcdefhjklmnoqstuvxyz", "eijkmnortuw", "st", "agt", "behiklnrtu", "", "beko", "is",
     "abcdeghilmoqtuvy", "er", "amoprsu", "es", "abcdilnrswx", "adgijls", "bdgrsw", "anrx", "r",
     "abrtu", "l", "", "abcdhiklmnoprstuwy", "dn", "i", "", "aey", ""},
    {"abcdefghijklmnopqrstuvwxyz", "abcdeghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz",
     "acdefghijklmnopqrtuwxyz", "abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz",
     "abefgijklmnopqrstuvwxy", "abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz",
     "abcdeghijklmnopqrstuvxyz", "abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz",
     "abcdefghijklmnopqrstuvwxyz", "abcdefgijklmnopqrstuvwxyz", "acdefghiklmnopqrstuvwyz",
     "abcdefghijklmnoqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz", "abcdefhijklnoprstuvwxyz",
     "abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqstuvwxyz", "abcdefghijklmnopqrstuvwxyz",
     "abcdefghijklmnopqrtuvwxyz", "abcdefghijklmnoprstuvwxyz", "abcdfhijkmnopqrstvwxyz",
     "abcdefghijklmnopqrstuvwxyz", "abcdefgiklmnopqrsuvwxyz"},
    {"abcdefghijlmnopqrstuvwxyz", "bcefgijklmnoqrstuvwxyz", "cdefhlmpqs", "abdghijklmnopq",
     "abcdefhijklmnopqrstuvwxyz", "an", "abghiklmnoqrtuz", "ahilmnpstu",
     "abcdefghjklmnopqrstuvwxyz", "aeilpwx", "abcdehijlmnorstuy", "abcdefghijklmnpqsux",
     "abcdefghijklnopqruvwxy", "abdghijlmnsuwz", "abcefghijklmnopqrstuvwxyz", "aenox", "r",
     "acegiklmnortvz", "abcdehilmnoprstvwy", "cghinosuz", "abcdefgijklmnopqrstuvwyz", "aiksu",
     "aeghlmostuw", "m", "agn", "hlnz"},
    {"abdefghijklmnpqrstuvwxz", "abcdefhijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz",
     "abcdefghijklmnpqrstuvwxyz", "abcdefhijklmnopqrstuvwyz", "abcdefghijklmnopqrstuvwxyz",
     "abcdefghijklmnopqrstuvwyz", "abcdefgijklmnopqrstuwxyz", "abcdefghijklmnopqrstuwxyz",
     "bcdeghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz", "abcefghijklmnopqrstuvwxz",
     "abcdefghijklmnopqrtuvwxyz", "abcdefghijklmnopqrsuvwxyz", "acdeghijkmnopqrstuvwxyz",
     "abcdeghijklmnopqrstuvwxyz", "abcefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz",
     "abcdefghijklmnopqrsuvwxyz", "abcdefghijklmnopqrstuvwxy", "abcdeghijklmnopqrstuvxyz",
     "abdefghiklnopqrstuvwxyz", "abcefghiklmnopqrstuvwz", "abcdefghijklmnopqrstuvwxyz",
     "abcefghjklmnoprsuvwxyz", "abcdeghijklmnopqrstuvwxyz"},
    {"abcefghijklmnopqrstuvwxyz", "abcdeghijklmnopqrstuvwy", "abcdefghijklmnoqrstuxz",
     "abcdefghijklmnopqrstuvwxyz", "abcdefghijkmnopqrstuvwxyz", "adlru",
     "abcdefghijklmnpqrstuvwxyz", "abcdefghikmnopqrtuvwxyz", "abcdefghijklmnoqrstuvwxyz",
     "abdhijlmnorstuxyz", "abcdefghijkmnopqrstuvwxz", "acdegijklmoquvwxyz",
     "abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrtuvwyz", "abcdefghijklmnpqrstuvwyz",
     "abghilnosuxy", "gklmnoqty", "abcefgiklmnprtuxz", "abcdefghiklmnopqrstuvwxyz",
     "degijkmopruwxyz", "abcdefghijklmnopqrstuvwxyz", "hmo", "abcegimorwxy", "adegiklmnoqrx",
     "abcdefghijklmnopqrstuvwxy", "abdikmsuyz"},
    {"acrv", "iklmortu", "ahimou", "aktu", "", "osu", "bcegou", "tu", "aen", "bcgipsvw",
     "abcdeghijklmnorsuvxz", "adekmortu", "abcgiklnopqrtuvwxy", "abegijknoprstuwx", "dgnrs",
     "akmoty", "", "aceghimnorstuvwxyz", "acinopstux", "abdeiklmnoqrstuwxyz", "abeim", "d", "il",
     "", "bdmy", "m"},
    {"abcdefghiklmnopqrsuvwxyz", "bcefghilmnoprstuvy", "abcdefghijklmnpw", "acinotu",
     "abdefghijklmopqsvxyz", "ael", "adgiklnsuz", "adghijklmnoqrtuvw", "abcdefghjlmnoprstuvwxyz",
     "t", "abcghnoprstu", "abcdefghijklnoqrstuvwyz", "abdefhijklmnoqrstwxyz",
     "abcdeghijklmnopqrstuvwxyz", "cefghiklmnopqrstvwxyz", "eiklmnopqstu", "aemw",
     "acdefghiklmnopqrstuwxz", "acdeghilmnopqrstuwy", "ahinopqrtuvwy", "abcdefgijmopqrstuwxy", "",
     "abgimnorw", "m", "emnsuxy", "hn"},
    {"", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "",
     "abcdefghiklmnpqrsvwxyz", "acehijlmnopswyz", "acehmst", "achlnopqrstuw", "ap", ""},
    {"abcdfghijklmnopqrstuvwxyz", "bklp", "f", "b", "abegijlmnrsty", "", "aeknrsu", "gp",
     "abflmnrtu", "gis", "abhimtw", "", "abcdefghiklmnopqstuvwxyz", "bdglnprw",
     "abcdefghlmnopruw", "nt", "", "iot", "bklmn", "chmsw", "bcefghiknopqstuyz", "", "aklmor",
     "dw", "nsu", "h"},
    {"abcdefghijklmnoqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz", "befghiklnopqstuvwx",
     "abcefghjklnopqrstuvxz", "abcdefghijklmnopqrstuvwyz", "bemsw", "abcdeghijkmnprstuwxyz",
     "abcdeghijklmnopqrstuvwxyz", "abdefghijklmnopqrstuvwxyz", "abdegklmnoprstuw",
     "abcdefghijmnopqrstuvwxyz", "acdefghijklmnpqrstuvwxyz", "abcefghijklmnopqrstuvwxyz",
     "acdefgijklmnopqrsuvwxyz", "abcdeghijklmnopqrstuvwxyz", "abcdegiklmnopqrstuvxy",
     "ahijkmnoqrstux", "abcdefghiklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz",
     "abdefghijklmnopqrstuvwy", "abcegijknoqrstvwxyz", "abcekmsx", "abcefghijklmnopqrstuvwxy",
     "bcegklmnorsuw", "abcdiklmnorswxy", "abcdeglnpsvwy"},
    {"abcdefghijklmnopqrstuvwxyz", "acdefghijklmnopqrstuvwxyz", "abcdefghiklmnopqstuwxyz",
     "abcdefghijklmnoqrstvxy", "abcdefghiklmnopqrstuvwxyz", "inort", "abcdefhijklnopqrstuvwxyz",
     "adefhiklmnpqrstuvyz", "acfghijklmnopqrstuvwxyz", "agijlmnopsuw", "abdefglmnpqrstuvwxz",
     "abcdfghijklmnopqrstuvxy", "abcdefghijklmnoqrstuvwyz", "abcdghiklmnopqrstuvwxyz",
     "bcdfghijklmnopqrsuvwxyz", "acefgijklmnopqrtuvwxyz", "blmnopqrtuw",
     "abcdefghijklmnopqrstuvwxyz", "abcdeghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwyz",
     "abcdefghijklmnopqrstuvwxyz", "adeklmnostuwxy", "abcdefghilmnopqrtuwxy",
     "abceghijmnoqrstuxy", "aehijlnprstuvxyz", "ahjlmnox"},
    {"mnr", "ailruy", "", "aegijlmu", "s", "i", "abehnoy", "an", "gsv", "i", "aghiklpqrsuvwy",
     "abcefiklmnuw", "abcdgimnoprsu", "adegikmnruxz", "n", "iv", "", "abcdefghijklmnoprtuvwxyz",
     "ahikpsu", "aehpru", "mru", "ehl", "a", "", "a", "bns"},
    {"aefghijlmnoprsuvy", "bk", "", "", "cdlmnopr", "", "rt", "", "cdefglnstv", "", "ajklmnoptuz",
     "ps", "abcdefghijklmpqrsuvwxyz", "kmp", "lrt", "", "", "aost", "ilv", "o", "mnt", "", "a",
     "", "", ""},
    {"abcdefghijklmnopqrstuvwxyz", "abefhijklmpqrstvw", "ai", "dgjktuy", "acdghimnoprstuw", "g",
     "abgiouy", "agku", "bcefghijklmnruvy", "ai", "abdlruwy", "aceghiklmnorsuvwxy",
     "abcdeghimnostwx", "bcdegikmnopuwy", "abcdefgiklmnorswy", "c", "", "bghiklmnoprsuvwxyz",
     "agikrsuv", "fhikmw", "abdhlmnrtuvxy", "", "aborw", "aw", "bimnry", ""},
    {"abcdegijklmnopqrstuvwy", "bcdegijmnoprwy", "bceghlmnortuvwy", "ackmoqy", "bdglmprstu", "a",
     "abdfgilmnruw", "acdemortuv", "bilnrsvy", "bt", "abcdefgijklnopqrstuvwxyz", "abcdeginopsuy",
     "abcdefghjklmnopqrstuvwxyz", "abdghijkmnoqrstuyz", "cdgikmnoprw",
     "abcdefghijklmnopqrstuvwxyz", "at", "abdegimnrtuw", "abcdehijlmnopqrsuvy",
     "abcdeghijlmnopqrstuvwy", "abdgjlmnoprtu", "einos", "acdegjklortw", "bkmrt", "abjklty",
     "hmp"},
    {"abcdefghijklmnopqrstuvwxyz", "abehijklmnoxy", "hlnp", "adegk", "aceijlrstuvy", "",
     "ailmprsuw", "adls", "adfghijklmnpqrstuvxz", "", "agiklmnortuy", "abegilmnoruy",
     "bcdeghiklmnopqrsxz", "adegklnoqsu", "bgiklmnrtxy", "abghkmnopz", "", "abeklmnoswy",
     "cdglmnoprsy", "alpwy", "abcdefgijklmnpqrtwxyz", "at", "aglnqrtuw", "aglmuy", "ruz", "gk"},
    {"abcdefghijklmopqrstuvwxyz", "aceltuw", "adh", "j", "aghn", "", "abhmnr", "abdinowx",
     "abklmnwz", "", "abdghknoprtuvz", "aejmnqsw", "abcdefghijklmnopqrstuvwxyz", "adegks",
     "chmoqrs", "abcdefghijklmnopqrstuvwxyz", "e", "agnops", "aklmru", "eglmnpqstuxy", "ahlmny",
     "", "a", "x", "bgjnp", "aj"},
};
/* clang-format on */

/* Languages that have a code of two letters too (ISO 639-1): it is the one to be written. */
static const char codes_of_two[] =
    "aaraa abkab afraf akaak amham araar argan asmas avaav aveae aymay azeaz bakba bambm "
    "belbe benbn bisbi bodbo bosbs brebr bulbg catca cescs chach chece chucu chvcv corkw "
    "cosco crecr cymcy danda deude divdv dzodz ellel engen epoeo estet euseu eweee faofo "
    "fasfa fijfj finfi frafr fryfy fulff glagd glega glggl glvgv grngn gujgu hatht hauha "
    "hbssh hebhe herhz hinhi hmoho hrvhr hunhu hyehy iboig idoio iiiii ikuiu ileie inaia "
    "indid ipkik islis itait javjv jpnja kalkl kankn kasks katka kaukr kazkk khmkm kikki "
    "kinrw kirky komkv konkg korko kuakj kurku laolo latla lavlv limli linln litlt ltzlb "
    "lublu luglg mahmh malml marmr mkdmk mlgmg mltmt monmn mrimi msams myamy nauna navnv "
    "nblnr ndend ndong nepne nldnl nnonn nobnb norno nyany ocioc ojioj orior ormom ossos "
    "panpa plipi polpl porpt pusps quequ rohrm ronro runrn rusru sagsg sansa sinsi slksk "
    "slvsl smese smosm snasn sndsd somso sotst spaes sqisq srdsc srpsr sswss sunsu swasw "
    "swesv tahty tamta tattt telte tgktg tgltl thath tirti tonto tsntn tsots tuktk turtr "
    "twitw uigug ukruk urdur uzbuz venve vievi volvo wlnwa wolwo xhoxh yidyi yoryo zhaza "
    "zhozh zulzu ";

/* Codes of two letters that were replaced (IANA language subtag registry, Preferred-Value). */
static const char replaced[] = "in id iw he ji yi jw jv mo ro ";

/* ISO 15924. */
static const char scripts[] =
    "Adlm Afak Aghb Ahom Arab Aran Armi Armn Avst Bali Bamu Bass Batk Beng Bhks Blis "
    "Bopo Brah Brai Bugi Buhd Cakm Cans Cari Cham Cher Chrs Cirt Copt Cpmn Cprt Cyrl "
    "Cyrs Deva Diak Dogr Dsrt Dupl Egyd Egyh Egyp Elba Elym Ethi Geok Geor Glag Gong "
    "Gonm Goth Gran Grek Gujr Guru Hanb Hang Hani Hano Hans Hant Hatr Hebr Hira Hluw "
    "Hmng Hmnp Hrkt Hung Inds Ital Jamo Java Jpan Jurc Kali Kana Kawi Khar Khmr Khoj "
    "Kitl Kits Knda Kore Kpel Kthi Lana Laoo Latf Latg Latn Leke Lepc Limb Lina Linb "
    "Lisu Loma Lyci Lydi Mahj Maka Mand Mani Marc Maya Medf Mend Merc Mero Mlym Modi "
    "Mong Moon Mroo Mtei Mult Mymr Nagm Nand Narb Nbat Newa Nkgb Nkoo Nshu Ogam Olck "
    "Orkh Orya Osge Osma Ougr Palm Pauc Perm Phag Phli Phlp Phlv Phnx Piqd Plrd Prti "
    "Rjng Rohg Roro Runr Samr Sara Sarb Saur Sgnw Shaw Shrd Sidd Sind Sinh Sogd Sogo "
    "Sora Soyo Sund Sylo Syrc Syre Syrj Syrn Tagb Takr Tale Talu Taml Tang Tavt Telu "
    "Teng Tfng Tglg Thaa Thai Tibt Tirh Tnsa Toto Ugar Vaii Visp Vith Wara Wcho Wole "
    "Xpeo Xsux Yezi Yiii Zanb Zinh Zmth Zsye Zsym Zxxx Zyyy Zzzz ";

/* UN M.49, as far as the IANA registry has it: what is larger than a country. */
static const char larger_regions[] = "001 002 003 005 009 011 013 014 015 017 018 019 021 029 030 "
                                     "034 035 039 053 054 057 061 142 143 145 150 151 154 155 202 "
                                     "419 ";

/* Codes that ISO 3166 keeps free for others, and the IANA registry has. */
static const char reserved_regions[] = "AC CP DG EA EU EZ IC TA UN ";

/* Where a code stands in a list of entries of one size, each with a space behind it; NULL where it
 * does not. It is the beginning of an entry. */
static const char *find(const char *list, size_t entry_size, const char *code, size_t size) {
    for (const char *at = list; *at != '\0'; at += entry_size + 1) {
        if (strncasecmp(at, code, size) == 0) {
            return at;
        }
    }
    return NULL;
}

const char *language_subtag_preferred(const char *code, size_t size) {
    if (size == 3) {
        const char *entry = find(codes_of_two, 5, code, 3);
        return entry == NULL ? NULL : entry + 3;
    }
    const char *entry = find(replaced, 2, code, size);
    const bool is_old = entry != NULL && (entry - replaced) % 6 == 0;
    return is_old ? entry + 3 : NULL;
}

static bool is_of_two(const char *code) {
    for (const char *at = codes_of_two; *at != '\0'; at += 6) {
        if (strncasecmp(at + 3, code, 2) == 0) {
            return true;
        }
    }
    return false;
}

/* qaa to qtz are for private use. */
static bool is_of_three(const char *code) {
    const int first = tolower((unsigned char)code[0]) - 'a';
    const int second = tolower((unsigned char)code[1]) - 'a';
    const bool is_private = first == 'q' - 'a' && second <= 't' - 'a';
    return is_private ||
           strchr(third_letters[first][second], tolower((unsigned char)code[2])) != NULL;
}

bool language_subtag_is_language(const char *code, size_t size) {
    return size == 2 ? is_of_two(code) : is_of_three(code);
}

/* Qaaa to Qabx are for private use. */
bool language_subtag_is_script(const char *code) {
    const bool is_private =
        strncasecmp(code, "qaa", 3) == 0 ||
        (strncasecmp(code, "qab", 3) == 0 && tolower((unsigned char)code[3]) <= 'x');
    return is_private || find(scripts, 4, code, 4) != NULL;
}

bool language_subtag_is_region(const char *code, size_t size) {
    if (size == 3) {
        return find(larger_regions, 3, code, 3) != NULL;
    }
    const char upper[3] = {(char)toupper((unsigned char)code[0]),
                           (char)toupper((unsigned char)code[1]), '\0'};
    const bool is_private = strcmp(upper, "AA") == 0 || strcmp(upper, "ZZ") == 0 ||
                            upper[0] == 'X' || (upper[0] == 'Q' && upper[1] >= 'M');
    return is_private || country_is_assigned(upper) || find(reserved_regions, 2, upper, 2) != NULL;
}
