#!/usr/bin/env python3
"""Makes Waybill Sans from Inter: make.py Inter-Regular.otf Regular && make.py Inter-SemiBold.otf SemiBold

A subset of Inter whose digits are the tabular ones, so that figures line up without asking for a font feature.
"""
import sys

from fontTools import subset
from fontTools.ttLib import TTFont

RANGES = [
    (0x20, 0x7E), (0xA0, 0x17F), (0x192, 0x192), (0x218, 0x21B),  # Latin
    (0x370, 0x3FF), (0x400, 0x45F), (0x1E00, 0x1EFF),  # people's names: Greek, Cyrillic, Vietnamese
    (0x2000, 0x209F), (0x20A0, 0x20BF), (0x2100, 0x214F),  # punctuation, currency signs, letterlike
    (0x2190, 0x22FF), (0x2318, 0x2318), (0x2325, 0x2325), (0x232B, 0x232B), (0x23CE, 0x23CE),
    (0x25A0, 0x25FF), (0x2605, 0x2606), (0x26A0, 0x26A0), (0x2713, 0x2717), (0xFFFD, 0xFFFD),
]


def tabular_digits(font):
    """Maps each glyph to its tabular twin."""
    twins = {}
    gsub = font["GSUB"].table
    for record in gsub.FeatureList.FeatureRecord:
        if record.FeatureTag == "tnum":
            for index in record.Feature.LookupListIndex:
                for table in gsub.LookupList.Lookup[index].SubTable:
                    twins.update(getattr(getattr(table, "ExtSubTable", table), "mapping", {}))
    return twins


source, style = sys.argv[1:3]
font = TTFont(source)
twins = tabular_digits(font)
for table in font["cmap"].tables:
    if table.isUnicode():
        for digit in range(0x30, 0x3A):
            glyph = table.cmap.get(digit)
            table.cmap[digit] = twins.get(glyph, glyph)

options = subset.Options()
options.layout_features = ["kern", "mark", "ccmp"]
options.name_IDs = ["*"]
options.notdef_outline = True
options.hinting = False
options.desubroutinize = True
subsetter = subset.Subsetter(options)
subsetter.populate(unicodes=[c for first, last in RANGES for c in range(first, last + 1)])
subsetter.subset(font)

# In Inter 3.19 one SemiBold digit is 3 units narrower than its sisters.
digits = [font.getBestCmap()[c] for c in range(0x30, 0x3A)]
width = max(font["hmtx"][glyph][0] for glyph in digits)
for glyph in digits:
    font["hmtx"][glyph] = (width, font["hmtx"][glyph][1])

# A modified version carries a name of its own, so that nobody takes it for the original.
for name in font["name"].names:
    if name.nameID in (1, 16):
        name.string = "Waybill Sans"
    elif name.nameID in (3, 4):
        name.string = f"Waybill Sans {style}"
    elif name.nameID == 6:
        name.string = f"WaybillSans-{style}"
cff = font["CFF "].cff
cff.fontNames[0] = f"WaybillSans-{style}"
cff.topDictIndex[0].FullName = f"Waybill Sans {style}"
cff.topDictIndex[0].FamilyName = "Waybill Sans"
font.save(f"WaybillSans-{style}.otf")
