"""The items of TRIPOD+AI in their order.

Collins et al. (2024), BMJ 385:e078378. https://doi.org/10.1136/bmj-2023-078378. The titles
are ours, short for the checklist's own wording.
"""

from __future__ import annotations

from typing import Final

from riskmodel.domain.labels import Label

__all__ = ["ITEM_TITLES", "PARTS"]

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
