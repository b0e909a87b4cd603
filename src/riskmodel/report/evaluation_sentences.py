"""The sentences that fill the items of the evaluation report, Danish and English."""

from __future__ import annotations

from typing import Final

from riskmodel.domain.labels import Label

__all__ = ["SENTENCES"]

SENTENCES: Final[dict[str, Label]] = {
    "page": Label("Evaluering af risikomodellen", "Evaluation of the risk model"),
    "missing": Label("mangler", "missing"),
    "filled_of": Label(
        "{filled} af {total} punkter i TRIPOD+AI er udfyldt. Programmet kan ikke vide, hvad der "
        "skal stå i {missing}; skriv det i en notefil (--notes).",
        "{filled} of {total} items of TRIPOD+AI are filled in. The program cannot know what "
        "belongs in {missing}; write it in a file of notes (--notes).",
    ),
    "filled_all": Label(
        "Alle {total} punkter i TRIPOD+AI er udfyldt.",
        "All {total} items of TRIPOD+AI are filled in.",
    ),
    "short": Label("Kort sagt", "In short"),
    "contents": Label("Gå til", "Go to"),
    "data": Label("Tallene bag billedet", "The figures behind the picture"),
    "title": Label(
        "Evaluering af en model for risikoen for stadig at være sygemeldt {horizon} uger efter "
        "første fraværsdag.",
        "Evaluation of a model of the risk of still being sick-listed {horizon} weeks after the "
        "first day of absence.",
    ),
    "auc": Label(
        "AUC {auc} ved {horizon} uger for alle vurderinger. {events} af {n} vurderinger ({share}) "
        "hører til lange forløb; vurderingerne kommer fra {persons} personer.",
        "AUC {auc} at {horizon} weeks, all assessments. {events} of {n} assessments ({share}) "
        "belong to long courses; the assessments come from {persons} persons.",
    ),
    "brier": Label(
        "Brier-score {brier}. Kender man kun ugen for vurderingen og siger andelen af lange "
        "forløb for den uge, er den {base}.",
        "Brier score {brier}. Knowing only the assessed week, and saying the share of long "
        "courses for that week, scores {base}.",
    ),
    "hidden_all": Label(
        "Der er for få personer med eller uden et langt forløb til at vise tal.",
        "There are too few persons with or without a long course to show figures.",
    ),
    "background": Label(
        "Lange forløb er svære at forudse. Offentliggjorte modeller når en AUC på 0,65 til 0,70 "
        "med registeroplysninger (doi 10.1136/oemed-2019-106129) og op til 0,79 med spørgeskema "
        "(pubmed 40198330). Borgerens egen forventning nåede 0,81 ved 12 uger i en norsk "
        "undersøgelse af 152 personer (doi 10.1186/1471-2458-4-46). Tallene er læst i resuméer.",
        "Long courses are hard to foretell. Published models reach an AUC of 0.65 to 0.70 with "
        "register data (doi 10.1136/oemed-2019-106129) and up to 0.79 with questionnaires "
        "(pubmed 40198330). The citizen's own expectation reached 0.81 at 12 weeks in a Norwegian "
        "study of 152 persons (doi 10.1186/1471-2458-4-46). Figures were read from abstracts.",
    ),
    "use": Label(
        "Modellen skal hjælpe rådgiveren med at vælge, hvem der tilbydes tidlig kontakt. Den "
        "afgør aldrig ret til ydelse eller uarbejdsdygtighed, og rådgiveren er fri til at vurdere "
        "sagen anderledes.",
        "The model is to help the adviser choose whom to offer early contact. It never settles the "
        "right to benefit or incapacity for work, and the adviser is free to judge otherwise.",
    ),
    "objective_cv": Label(
        "At måle, hvor godt hele opskriften virker på sager, som modellerne ikke har set.",
        "To measure how well the whole recipe works on cases that the models have not seen.",
    ),
    "objective_new": Label(
        "At måle, hvor godt en færdig model virker på nye sager.",
        "To measure how well a ready model works on new cases.",
    ),
    "source": Label(
        "{kind}; kodebog {codebook}, version {version}.",
        "{kind}; codebook {codebook}, version {version}.",
    ),
    "period": Label(
        "Forløbene begyndte i årene {first} til {last}; de få tidligste og seneste er udeladt. "
        "Datoer kan være flyttet lidt tilfældigt, før sagerne forlod kommunen.",
        "The courses began in the years {first} to {last}, the few earliest and latest left out. "
        "Dates may have been moved a little at random before the cases left the municipality.",
    ),
    "setting": Label(
        "{n_persons} personer fra {n_sites} kommuner eller steder.",
        "{n_persons} persons from {n_sites} municipalities or sites.",
    ),
    "eligible": Label(
        "Alle vurderinger før horisonten indgår. En vurdering efter horisonten, eller tidligere "
        "end nogen vurdering i træningen, får ingen risiko.",
        "All assessments before the horizon take part. An assessment after it, or earlier than "
        "any in training, gets no risk.",
    ),
    "prepared": Label(
        "Filerne er kontrolleret mod kodebogen. En fil med fejl afvises som helhed, så ingen "
        "værdi er rettet eller gættet.",
        "The files were checked against the codebook. A file with faults is refused as a whole, "
        "so no value was corrected or guessed.",
    ),
    "outcome": Label(
        "Et langt forløb: personen er stadig sygemeldt {horizon} uger efter første fraværsdag. "
        "Andre horisonter: {others} uger. Et forløb, der stadig er åbent, tælles aldrig som kort; "
        "andre forløb som det vejer i stedet for det. Forløbet slutter, uanset hvordan det "
        "slutter.",
        "A long course: the person is still sick-listed {horizon} weeks after the first day of "
        "absence. Other horizons: {others} weeks. A course still open is never counted as short; "
        "others like it stand in for it. An ending of any kind ends the course.",
    ),
    "choice": Label(
        "Alle kodebogens indikatorer indgår. Ingen er valgt til eller fra ved at se på udfaldet.",
        "All indicators of the codebook take part. None was chosen or dropped by looking at the "
        "outcome.",
    ),
    "predictors": Label(
        "{n} indikatorer, som kendes ved vurderingen: {names}.",
        "{n} indicators, known at the assessment: {names}.",
    ),
    "sample": Label(
        "Rileys krav ved en forudsat AUC på {auc}: der er {n} personer, og der skal bruges "
        "{needed}. Det er {verdict}.",
        "Riley's criteria at a foreseen AUC of {auc}: there are {n} persons, and {needed} are "
        "needed. That is {verdict}.",
    ),
    "enough": Label("nok", "enough"),
    "not_enough": Label("ikke nok", "not enough"),
    "learning": Label(
        "Med 50, 200 eller 500 personer mere ventes Brier-scoren at falde med {gain50}, {gain200} "
        "og {gain500}.",
        "With 50, 200 or 500 persons more the Brier score is foreseen to fall by {gain50}, "
        "{gain200} and {gain500}.",
    ),
    "missing_values": Label(
        "En manglende værdi er et niveau for sig i modellen. Intet bliver udfyldt, og ingen sag "
        "bliver slettet.",
        "A missing value is a level of its own in the model. Nothing is filled in and no case "
        "dropped.",
    ),
    "use_cv": Label(
        "Krydsvalidering: hele opskriften, også de valg den selv træffer, regnes forfra hver gang "
        "en del af sagerne holdes ude. En persons sager er aldrig både i træning og afprøvning.",
        "Cross-validation: the whole recipe, also the choices it makes itself, is worked out anew "
        "each time a part of the cases is held out. A person's cases are never split between "
        "training and judging.",
    ),
    "use_transfer": Label(
        "Hver kommune er bedømt af en model, der kun er trænet på de andre kommuner.",
        "Each site was judged by a model trained on the other sites only.",
    ),
    "use_new": Label(
        "En færdig model er bedømt på sager, der ikke indgik i dens træning.",
        "A ready model was judged on cases that took no part in its training.",
    ),
    "handling": Label(
        "Tal deles i faste trin, og sjældne niveauer lægges sammen. Hvor kodebogen siger, hvilken "
        "vej en indikator bør trække, kan modellen ikke gå den modsatte vej.",
        "Numbers are cut into fixed steps, and rare levels are put together. Where the codebook "
        "says which way an indicator should pull, the model cannot go the other way.",
    ),
    "model_kind": Label(
        "Additiv model: et gennemsnit af straffet logistisk regression og træer med ét felt hver, "
        "og, hvor det gav en gevinst på udeladte sager, træer over enkelte par af felter. Den er "
        "regnet om på flere udtræk af personerne og skrevet som tabeller.",
        "Additive model: a mean of penalised logistic regression and trees of one field each, "
        "and, where held-out cases showed a gain, of trees over a few pairs of fields. It is "
        "worked out anew on several draws of the persons and written as tables.",
    ),
    "measures": Label(
        "AUC, Brier-score (også skaleret efter ugens andel), kalibrering (i det store, hældning, "
        "udjævnet kurve, ICI), nettogevinst, varighed og afslutninger.",
        "AUC, Brier score (also scaled by the week's share), calibration (in the large, slope, "
        "smooth curve, ICI), net benefit, durations and endings.",
    ),
    "intervals": Label(
        "Intervallerne er på 95 %, hvor andet ikke står. AUC, Brier-score, kalibrering i det "
        "store, hældning, observeret/forventet, forskelle, nettogevinst, den udjævnede kurve, "
        "varighed og afslutninger: percentiler af {draws} bootstrap-udtræk af personer. ICI og "
        "Brier-scorens dele, som tilfældigheder kun kan gøre større: de samme percentiler, "
        "spejlet om tallet. Konkordans: normalfordelt, ud fra spredningen over færre udtræk. "
        "Nøgleindikatorer: det spænd, som 90 % af omregningerne ligger i; hvor prisen er fundet "
        "ved at regne om uden indikatoren, dog percentiler som ovenfor. Læringskurve: percentiler "
        "over gentagne delinger af personerne.",
        "Intervals are of 95% unless said otherwise. AUC, Brier score, calibration in the large, "
        "slope, observed/expected, differences, net benefit, the smooth curve, durations and "
        "endings: percentiles of {draws} bootstrap draws of persons. ICI and the parts of the "
        "Brier score, which noise can only raise: the same percentiles, reflected around the "
        "figure. Concordance: normal, from the spread over fewer draws. Key indicators: the range "
        "that holds 90% of the refits; where the price was found by refitting without the "
        "indicator, percentiles as above. Learning curve: percentiles over repeated splits of the "
        "persons.",
    ),
    "no_refit": Label(
        "Ingen af bootstrap-intervallerne rummer, at modellen selv var blevet en anden på andre "
        "sager: modellerne regnes ikke om i udtrækkene.",
        "No bootstrap interval holds that the model itself would have been another on other "
        "cases: the models are not refitted in the draws.",
    ),
    "spread": Label(
        "Det gør dette tal: {refits} omregninger på andre udtræk af personerne, hver bedømt af de "
        "personer, den ikke så, har AUC {auc} og Brier-score {brier} ved {horizon} uger "
        "(gennemsnit, og det spænd som ni ud af ti ligger i). Læs bredden, ikke niveauet: en "
        "enkelt omregning er lidt dårligere end modellen, som er deres gennemsnit. På de "
        "personer, den er regnet ud på, ser en omregning {optimism} bedre ud i AUC, end den er.",
        "This figure does: {refits} refits to other draws of the persons, each judged by the "
        "persons it did not see, have AUC {auc} and Brier score {brier} at {horizon} weeks (mean, "
        "and the range that nine in ten lie in). Read the width, not the level: a single refit is "
        "a little worse than the model, which is their mean. On the persons it was fitted on a "
        "refit looks {optimism} better in AUC than it is.",
    ),
    "not_updated": Label(
        "Modellen er ikke tilpasset lokale sager efter træningen.",
        "The model was not fitted to local cases after its training.",
    ),
    "updated": Label(
        "Modellen er efter træningen tilpasset {persons} lokale personer.",
        "After its training the model was fitted to {persons} local persons.",
    ),
    "computed": Label(
        "Den samme funktion beregner risikoen her og i daglig brug.",
        "The same function works out the risk here and in daily use.",
    ),
    "imbalance": Label(
        "Intet er gjort for at gøre lange og korte forløb lige hyppige, så en risiko betyder den "
        "andel, der er set.",
        "Nothing was done to make long and short courses equally common, so a risk means the "
        "share that was seen.",
    ),
    "fairness": Label(
        "Kvaliteten er opgjort for hver gruppe under 23b. Grupper med færre end {min_cell} "
        "personer med eller uden et langt forløb er skjult, sammen med så mange andre, at tallene "
        "ikke kan regnes ud.",
        "Performance is given for each group under 23b. Groups with fewer than {min_cell} persons "
        "with or without a long course are hidden, with as many others as it takes to keep them "
        "so.",
    ),
    "output": Label(
        "En sandsynlighed med interval og en forventet varighed med interval. Tærskler hører til "
        "visitationspolitikken.",
        "A probability with its interval and an expected duration with its interval. Thresholds "
        "belong to the visitation policy.",
    ),
    "interval_parts": Label(
        "Hver sags 90 %-interval lægger tre ting sammen: spredningen mellem omregningerne, ganget "
        "med {scale}; det, som sagerne er for få til at vise ({unlearned} log-odds); og det, som "
        "ingen indikator viser ({hidden} log-odds). Det sidste er en indstilling, som ikke kan "
        "måles på udfaldene (hidden_deviation).",
        "Each case's 90% interval adds up three things: the spread between the refits, times "
        "{scale}; what the cases are too few to show ({unlearned} log-odds); and what no indicator "
        "shows ({hidden} log-odds). The last is a setting that outcomes cannot measure "
        "(hidden_deviation).",
    ),
    "same_cases": Label(
        "Træning og afprøvning er de samme sager, delt mellem personer.",
        "Training and evaluation are the same cases, split between persons.",
    ),
    "other_cases": Label(
        "Træningen havde {n} personer og {share} lange forløb; her er der {own_n} og {own_share}.",
        "Training had {n} persons and {share} long courses; here there are {own_n} and "
        "{own_share}.",
    ),
    "legal_synthetic": Label(
        "Sagerne er opdigtede og rummer ingen personoplysninger.",
        "The cases are invented and hold no personal data.",
    ),
    "legal_public": Label(
        "Sagerne er allerede offentliggjorte forskningsdata.",
        "The cases are research data already published.",
    ),
    "legal_case_records": Label(
        "Sagerne er rigtige. Programmet bruger dem kun til træning og afprøvning, når kommunen har "
        "registreret en hjemmel til det.",
        "The cases are real. The program trains and judges on them only where the municipality "
        "has recorded a legal basis for it.",
    ),
    "sharing": Label(
        "Den gemte model rummer tabeller og ingen sager. Om sagerne kan deles, afgør den, der har "
        "ansvaret for dem.",
        "The saved model holds tables and no cases. Whether the cases can be shared is for those "
        "responsible for them to settle.",
    ),
    "code": Label(
        "Koden er åben under MIT-licens: riskmodel {version}.",
        "The code is open under the MIT licence: riskmodel {version}.",
    ),
    "flow": Label(
        "{n} vurderinger af {persons} personer fik en risiko, og {not_scored} kunne ikke få en. "
        "For {unknown} er udfaldet ved {horizon} uger ikke set.",
        "{n} assessments of {persons} persons got a risk, and {not_scored} could not. For "
        "{unknown} the state at {horizon} weeks was not seen.",
    ),
    "full_model": Label(
        "Modellen er tabeller i JSON-filerne i den gemte model, version {version}.",
        "The model is tables in the JSON files of the saved model, version {version}.",
    ),
    "price": Label(
        "Hvad gennemsigtigheden koster: udfordrerens Brier-score minus modellens er {brier}. Over "
        "nul er modellen bedst.",
        "What transparency costs: the challenger's Brier score minus the model's is {brier}. Above "
        "zero the model is better.",
    ),
    "instability": Label(
        "Regnes modellen om på andre udtræk af de samme personer, flytter en risiko sig i "
        "gennemsnit {mape} procentpoint, og for ni ud af ti højst {mape_90}. Tallene bygger på {n} "
        "vurderinger og {refits} omregninger.",
        "On refitting to other draws of the same persons a risk moves by {mape} percentage points "
        "on average, and for nine in ten by at most {mape_90}. From {n} assessments and {refits} "
        "refits.",
    ),
    "strongest": Label(
        "Af en sags tre stærkeste indikatorer er {share} også blandt de tre stærkeste ved en "
        "omregning.",
        "Of a case's three strongest indicators {share} are also among the three strongest of a "
        "refit.",
    ),
    "strongest_unsure": Label(
        "Det er under 80 %: rækkefølgen af en sags indikatorer er usikker.",
        "That is below 80%: the order of a case's indicators is uncertain.",
    ),
    "duration": Label(
        "Den forventede varighed er tiden fra første fraværsdag, til forløbet slutter, uanset "
        "hvordan det slutter: halvdelen af lignende forløb er slut inden. Den siger ikke, "
        "hvornår personen er rask.",
        "The expected duration is the time from the first day of absence to the end of the course, "
        "however it ends: half of the courses like it have ended before. It does not say when the "
        "person is well.",
    ),
    "duration_cut": Label(
        "Åbne forløb tæller med, så langt de er set. Varigheder over {until} uger regnes som "
        "{until} uger, fordi færre end ti personer er fulgt længere.",
        "Courses still open count as far as they were seen. Durations over {until} weeks count as "
        "{until} weeks, since fewer than ten persons were followed longer.",
    ),
    "endings": Label(
        "Af dem, der blev vurderet {landmark} og stadig var sygemeldt, var {recovered} raskmeldt "
        "efter {weeks} uger, {other} var stoppet af en anden grund, og {still} var stadig "
        "sygemeldt.",
        "Of those assessed {landmark} and still sick-listed, {recovered} had recovered by week "
        "{weeks}, {other} had ended for another reason, and {still} were still sick-listed.",
    ),
    "ending_kinds": Label(
        "Raskmeldt: {recovery}. Andre grunde: {others}. En andel af dem, der ventes at være ude af "
        "forløbet, er altså ikke i arbejde.",
        "Recovered: {recovery}. Other reasons: {others}. So a part of those expected to have left "
        "the course are not back at work.",
    ),
    "from_week": Label("i uge {week}", "in week {week}"),
    "at_start": Label("ved starten", "at the start"),
    "leak": Label("Mistanke om lækage:", "Suspected leak:"),
    "limits_few": Label(
        "Færre end 100 vurderinger af den sjældneste slags: alle tal er usikre.",
        "Fewer than 100 assessments of the rarer kind: every figure is uncertain.",
    ),
    "limits_new": Label(
        "Intervallerne rummer ikke, at nye sager kan være af en anden slags, for eksempel efter en "
        "lovændring.",
        "The intervals do not hold that new cases may be of another kind, for instance after a "
        "change of law.",
    ),
    "limits_censoring": Label(
        "Det er forudsat, at et forløb ikke bliver længere eller kortere af at gå ud af syne.",
        "It is assumed that courses lost to sight run as the others do.",
    ),
    "limits_synthetic": Label(
        "Sagerne er opdigtede: tallene siger intet om rigtige sager.",
        "The cases are invented: the figures say nothing about real cases.",
    ),
    "interpretation": Label(
        "{good} af {n} målestokke i tabellen øverst er i orden, {doubtful} er tvivlsomme, og "
        "{poor} er ikke i orden. Tallene siger, hvem der plejer at få lange forløb, ikke hvorfor, "
        "og ikke om kontakt forkorter dem.",
        "Of the {n} measures in the table at the top {good} are in order, {doubtful} doubtful and "
        "{poor} not in order. The figures say who tends to have long courses, not why, nor whether "
        "contact shortens them.",
    ),
    "next_more": Label(
        "Saml flere afsluttede sager ({lacking} personer mangler), og bedøm modellen på nye sager, "
        "før den bruges.",
        "Collect more closed cases ({lacking} persons are lacking), and judge the model on new "
        "cases before it is used.",
    ),
    "next_new": Label(
        "Bedøm modellen på nye sager fra hver kommune, og gør det igen, når regler eller kontakt "
        "ændrer sig.",
        "Judge the model on new cases of each site, and again when rules or contact change.",
    ),
    "poor_input": Label(
        "Input kontrolleres mod kodebogen. En fil med fejl afvises, og en værdi, som ikke fandtes "
        "i træningen, bliver nævnt på sagen.",
        "Input is checked against the codebook. A file with faults is refused, and a value that "
        "training never saw is named on the case.",
    ),
    "user": Label(
        "Rådgiveren ser risiko, interval og bidrag på dansk og kan notere sin egen vurdering.",
        "The adviser sees risk, interval and contributions in Danish and can note an own "
        "judgement.",
    ),
}
