"""The items of TRIPOD+AI in their order, and the sentences that fill them.

Collins et al. (2024), BMJ 385:e078378. https://doi.org/10.1136/bmj-2023-078378. The titles
are ours, short for the checklist's own wording.
"""

from __future__ import annotations

from typing import Final

from riskmodel.domain.labels import Label

__all__ = ["ITEM_TITLES", "PARTS", "SENTENCES"]

PARTS: Final[dict[str, Label]] = {
    "title": Label("Titel og resumé", "Title and abstract"),
    "introduction": Label("Indledning", "Introduction"),
    "methods": Label("Metode", "Methods"),
    "open": Label("Åbenhed og inddragelse", "Open science and involvement"),
    "results": Label("Resultater", "Results"),
    "discussion": Label("Diskussion", "Discussion"),
}

# The part of the report and the title, by number.
ITEM_TITLES: Final[dict[str, tuple[str, Label]]] = {
    "1": ("title", Label("Titel", "Title")),
    "2": ("title", Label("Resumé", "Abstract")),
    "3a": ("introduction", Label("Baggrund", "Background")),
    "3b": ("introduction", Label("Målgruppe og formål med brugen", "People and intended use")),
    "3c": ("introduction", Label("Kendte uligheder", "Known inequalities")),
    "4": ("introduction", Label("Formål", "Objectives")),
    "5a": ("methods", Label("Datakilde", "Source of data")),
    "5b": ("methods", Label("Dataperiode", "Dates of the data")),
    "6a": ("methods", Label("Sted", "Setting")),
    "6b": ("methods", Label("Hvem indgår", "Eligibility")),
    "6c": ("methods", Label("Indsats undervejs", "Interventions received")),
    "7": ("methods", Label("Klargøring af data", "Data preparation")),
    "8a": ("methods", Label("Udfald", "Outcome")),
    "8b": ("methods", Label("Hvem fastslog udfaldet", "Assessors of the outcome")),
    "8c": ("methods", Label("Blinding", "Blinding")),
    "9a": ("methods", Label("Valg af indikatorer", "Choice of predictors")),
    "9b": ("methods", Label("Indikatorer og tidspunkt", "Predictors and their timing")),
    "9c": ("methods", Label("Hvem vurderede indikatorerne", "Assessors of predictors")),
    "10": ("methods", Label("Antal sager", "Sample size")),
    "11": ("methods", Label("Manglende værdier", "Missing data")),
    "12a": ("methods", Label("Brug af data", "Use of the data")),
    "12b": ("methods", Label("Behandling af indikatorer", "Handling of predictors")),
    "12c": ("methods", Label("Model og indre afprøvning", "Model and internal validation")),
    "12d": ("methods", Label("Forskelle mellem kommuner", "Differences between sites")),
    "12e": ("methods", Label("Mål for kvalitet", "Performance measures")),
    "12f": ("methods", Label("Opdatering af modellen", "Updating of the model")),
    "12g": ("methods", Label("Beregning af forudsigelser", "Computing of predictions")),
    "13": ("methods", Label("Skævhed mellem udfald", "Class imbalance")),
    "14": ("methods", Label("Retfærdighed mellem grupper", "Fairness")),
    "15": ("methods", Label("Hvad modellen svarer", "Output of the model")),
    "16": ("methods", Label("Træning mod afprøvning", "Training against evaluation")),
    "17": ("methods", Label("Hjemmel og etik", "Legal basis and ethics")),
    "18a": ("open", Label("Finansiering", "Funding")),
    "18b": ("open", Label("Interessekonflikter", "Conflicts of interest")),
    "18c": ("open", Label("Protokol", "Protocol")),
    "18d": ("open", Label("Registrering", "Registration")),
    "18e": ("open", Label("Adgang til data", "Data sharing")),
    "18f": ("open", Label("Adgang til kode", "Code sharing")),
    "19": ("open", Label("Inddragelse af borgere", "Public involvement")),
    "20a": ("results", Label("Fra sager til tal", "Flow of cases")),
    "20b": ("results", Label("Hvem sagerne handler om", "Characteristics")),
    "20c": ("results", Label("Træning og afprøvning sammenlignet", "Training and evaluation")),
    "21": ("results", Label("Antal i hver analyse", "Numbers in each analysis")),
    "22": ("results", Label("Modellen i sin helhed", "The model in full")),
    "23a": ("results", Label("Kvalitet", "Performance")),
    "23b": ("results", Label("Forskelle mellem grupper", "Differences between groups")),
    "24": ("results", Label("Resultat af opdatering", "Results of updating")),
    "25": ("discussion", Label("Fortolkning", "Interpretation")),
    "26": ("discussion", Label("Begrænsninger", "Limitations")),
    "27a": ("discussion", Label("Mangelfuldt input", "Poor input")),
    "27b": ("discussion", Label("Brugeren", "The user")),
    "27c": ("discussion", Label("Næste skridt", "Next steps")),
}

SENTENCES: Final[dict[str, Label]] = {
    "page": Label("Evaluering af risikomodellen", "Evaluation of the risk model"),
    "missing": Label("mangler", "missing"),
    "missing_text": Label(
        "Punktet er ikke udfyldt: programmet kan ikke vide det.",
        "The item is not filled in: the program cannot know it.",
    ),
    "filled_of": Label(
        "{filled} af {total} punkter i TRIPOD+AI er udfyldt; mangler: {missing}.",
        "{filled} of {total} items of TRIPOD+AI are filled in; missing: {missing}.",
    ),
    "short": Label("Kort sagt", "In short"),
    "data": Label("Tallene bag billedet", "The figures behind the picture"),
    "title": Label(
        "Evaluering af en model for risikoen for fortsat at være sygemeldt {horizon} uger efter "
        "første fraværsdag.",
        "Evaluation of a model of the risk of still being sick-listed {horizon} weeks after the "
        "first day of absence.",
    ),
    "auc": Label(
        "AUC {auc} ved {horizon} uger, alle vurderinger; {share} af {n} vurderinger var lange "
        "forløb ({events} af {persons} personers vurderinger).",
        "AUC {auc} at {horizon} weeks, all assessments; {share} of {n} assessments were long "
        "courses ({events}, from {persons} persons).",
    ),
    "brier": Label(
        "Brier-score {brier}; at sige andelen for alle giver {base}.",
        "Brier score {brier}; giving everybody the share scores {base}.",
    ),
    "hidden_all": Label(
        "Der er for få personer med eller uden et langt forløb til at vise tal.",
        "There are too few persons with or without a long course to show figures.",
    ),
    "use": Label(
        "Rådgivning om hvem der bør tilbydes tidlig kontakt. Modellen afgør aldrig ret til ydelse "
        "eller uarbejdsdygtighed; rådgiveren vurderer frit.",
        "Advice on whom to offer early contact. The model never settles the right to benefit or "
        "incapacity for work; the adviser judges freely.",
    ),
    "objective_cv": Label(
        "At måle hele opskriften på sager, som modellerne ikke har set.",
        "To measure the whole recipe on cases that the models have not seen.",
    ),
    "objective_new": Label(
        "At måle en færdig model på nye sager.", "To measure a ready model on new cases."
    ),
    "source": Label(
        "{kind}, kodebog {codebook} version {version}.",
        "{kind}, codebook {codebook} version {version}.",
    ),
    "setting": Label(
        "{n_sites} kommuner eller steder; {n_persons} personer.",
        "{n_sites} municipalities or sites; {n_persons} persons.",
    ),
    "eligible": Label(
        "Alle vurderinger, der ligger før horisonten. En vurdering efter horisonten, eller "
        "tidligere end nogen vurdering i træningen, får ingen risiko.",
        "All assessments before the horizon. An assessment after it, or earlier than any in "
        "training, gets no risk.",
    ),
    "outcome": Label(
        "Langt forløb: stadig sygemeldt {horizon} uger efter første fraværsdag. Andre horisonter: "
        "{others} uger. Et forløb, der stadig er åbent, tælles aldrig som kort: lignende "
        "forløb vejer for det. Alle slags afslutning afslutter forløbet.",
        "Long course: still sick-listed {horizon} weeks after the first day of absence. Other "
        "horizons: {others} weeks. A course still open is never counted as short: others like it "
        "stand in for it. An ending of any kind ends the course.",
    ),
    "predictors": Label(
        "{n} indikatorer, kendt ved vurderingen: {names}.",
        "{n} indicators, known at the assessment: {names}.",
    ),
    "sample": Label(
        "Krav efter Riley m.fl. ved en forudsat AUC på {auc}. Der er {n} personer, og der kræves "
        "{needed}: {verdict}.",
        "Needs after Riley et al. at a foreseen AUC of {auc}. There are {n} persons and {needed} "
        "are needed: {verdict}.",
    ),
    "enough": Label("nok", "enough"),
    "not_enough": Label("ikke nok", "not enough"),
    "learning": Label(
        "Flere afsluttede sager: 50, 200 eller 500 personer mere ventes at sænke Brier-scoren med "
        "{gain50}, {gain200} og {gain500}.",
        "More closed cases: 50, 200 or 500 persons more are foreseen to lower the Brier score by "
        "{gain50}, {gain200} and {gain500}.",
    ),
    "missing_values": Label(
        "En manglende værdi er et niveau for sig i modellen; intet udfyldes eller slettes.",
        "A missing value is a level of its own in the model; nothing is filled in or dropped.",
    ),
    "use_cv": Label(
        "Krydsvalidering: hele opskriften, også dens indre valg, regnes forfra i hver fold. En "
        "persons sager deles aldrig mellem træning og afprøvning.",
        "Cross-validation: the whole recipe, also its inner choices, is refitted in every fold. A "
        "person's cases are never split between training and judging.",
    ),
    "use_transfer": Label(
        "Overførsel: hver kommune bedømmes af en model, der kun er trænet på de andre.",
        "Transfer: each site is judged by a model trained on the others only.",
    ),
    "use_new": Label(
        "En færdig model er bedømt på sager, der ikke indgik i dens træning.",
        "A ready model was judged on cases that took no part in its training.",
    ),
    "handling": Label(
        "Tal bruges som de er, i faste trin; sjældne niveauer lægges sammen; forventede "
        "retninger er bundne.",
        "Numbers are used as they are, in fixed steps; rare levels are put together; expected "
        "directions are held.",
    ),
    "model_kind": Label(
        "Additiv model: straffet logistisk regression og træer med ét felt hver, gennemsnit over "
        "genberegninger, skrevet som tabeller.",
        "Additive model: penalised logistic regression and trees of one field each, averaged over "
        "refits, written as tables.",
    ),
    "measures": Label(
        "AUC, Brier-score (også skaleret), kalibrering (i det store, hældning, udjævnet kurve, "
        "ICI), nettogevinst og varighedsmål. Alle 95 %-intervaller er percentiler af {draws} "
        "bootstrap-træk af personer (for ICI spejlet, fordi støj kun kan øge den); modellerne "
        "regnes ikke om i dem.",
        "AUC, Brier score (also scaled), calibration (in the large, slope, smooth curve, ICI), net "
        "benefit and duration figures. All 95% intervals are percentiles of {draws} bootstrap "
        "draws of persons (reflected for the ICI, which noise can only raise); the models are not "
        "refitted in them.",
    ),
    "computed": Label(
        "Samme funktion giver risikoen i afprøvning og drift.",
        "The same function gives the risk in evaluation and in operation.",
    ),
    "imbalance": Label(
        "Intet er gjort for at udjævne udfaldene, så risici svarer til den andel, der er set.",
        "Nothing was done to even out the outcomes, so risks mean the share that was seen.",
    ),
    "fairness": Label(
        "Kvaliteten er opgjort for hver gruppe nedenfor; grupper med færre end {min_cell} personer "
        "med eller uden langt forløb er skjult, og så mange andre at de ikke kan regnes ud.",
        "Performance is given for each group below; groups with fewer than {min_cell} persons with "
        "or without a long course are hidden, and as many others as it takes to keep them so.",
    ),
    "output": Label(
        "En sandsynlighed med interval og en forventet varighed; tærskler hører til politikken.",
        "A probability with interval and an expected duration; thresholds belong to the policy.",
    ),
    "flow": Label(
        "{n} vurderinger af {persons} personer fik en risiko; {not_scored} kunne ikke få en; for "
        "{unknown} er udfaldet ved {horizon} uger ikke set.",
        "{n} assessments of {persons} persons got a risk; {not_scored} could not; for {unknown} "
        "the state at {horizon} weeks was not seen.",
    ),
    "full_model": Label(
        "Modellen er tabeller i JSON i den gemte model, version {version}.",
        "The model is tables in JSON in the saved model, version {version}.",
    ),
    "price": Label(
        "Gennemsigtighedens pris: udfordrerens Brier-score minus modellens er {brier}; over nul "
        "er modellen bedst.",
        "The price of transparency: the challenger's Brier score minus the model's is {brier}; "
        "above zero the model is better.",
    ),
    "instability": Label(
        "Ved genberegning på andre træk af de samme personer flytter risikoen sig i gennemsnit "
        "{mape}; hos ni af ti højst {mape_90}. {n} vurderinger, {refits} genberegninger.",
        "On refitting to other draws of the same persons the risk moves by {mape} on average; for "
        "nine of ten by at most {mape_90}. {n} assessments, {refits} refits.",
    ),
    "leak": Label("Formodet lækage:", "Suspected leak:"),
    "limits_few": Label(
        "Færre end 100 forløb i det sjældneste udfald: alle tal er usikre.",
        "Fewer than 100 courses in the rarer state: every figure is uncertain.",
    ),
    "limits_refits": Label(
        "Intervallerne rummer ikke usikkerheden ved at nye sager er af en anden slags.",
        "The intervals do not hold the chance that new cases are of another kind.",
    ),
    "limits_synthetic": Label(
        "Sagerne er opdigtede (syntetiske): tallene siger intet om rigtige sager.",
        "The cases are invented (synthetic): the figures say nothing about real cases.",
    ),
    "poor_input": Label(
        "Input kontrolleres mod kodebogen; en ugyldig fil afvises, og en værdi uden for træningen "
        "markeres på sagen.",
        "Input is checked against the codebook; an invalid file is refused, and a value outside "
        "training is marked on the case.",
    ),
    "user": Label(
        "Rådgiveren ser risiko, interval og bidrag på dansk og noterer sin egen vurdering.",
        "The adviser sees risk, interval and contributions in Danish and notes an own judgement.",
    ),
    "c_overall": Label("Pr. horisont, alle vurderinger", "By horizon, all assessments"),
    "c_landmark": Label(
        "Pr. vurderingsuge ved {horizon} uger", "By assessed week at {horizon} weeks"
    ),
    "c_site": Label("Pr. kommune ved {horizon} uger", "By site at {horizon} weeks"),
    "c_transfer": Label(
        "Pr. kommune, trænet på de andre, ved {horizon} uger",
        "By site, trained on the others, at {horizon} weeks",
    ),
    "c_group": Label("{field} ved {horizon} uger", "{field} at {horizon} weeks"),
    "c_comparison": Label(
        "Samme {n} vurderinger, {horizon} uger; parrede intervaller",
        "The same {n} assessments, {horizon} weeks; paired intervals",
    ),
    "c_calibration": Label(
        "Udjævnet kalibrering, {horizon} uger, {n} vurderinger",
        "Smooth calibration, {horizon} weeks, {n} assessments",
    ),
    "c_net_benefit": Label(
        "Nettogevinst, {horizon} uger, {n} vurderinger",
        "Net benefit, {horizon} weeks, {n} assessments",
    ),
    "c_duration": Label(
        "Forventet varighed, {n} afsluttede forløb", "Expected duration, {n} ended courses"
    ),
    "c_indicators": Label(
        "Nøgleindikatorer, {n} vurderinger, {refits} genberegninger. Prisen er fundet ved at "
        "bytte værdierne om blandt usete sager",
        "Key indicators, {n} assessments, {refits} refits. The price was found by permuting "
        "values among unseen cases",
    ),
    "c_learning": Label("Læringskurve ved {horizon} uger", "Learning curve at {horizon} weeks"),
    "c_instability": Label("Ustabilitet, {n} vurderinger", "Instability, {n} assessments"),
    "c_sample": Label(
        "Antal personer mod Rileys krav", "Number of persons against Riley's criteria"
    ),
}
