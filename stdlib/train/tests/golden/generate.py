"""Makes scaler.json: scikit-learn's StandardScaler on rows of very different size.

    pip install scikit-learn==1.9.1 && python generate.py
"""
import json
import pathlib

import numpy
import sklearn
from sklearn.preprocessing import StandardScaler

chance = numpy.random.default_rng(1)
rows = numpy.column_stack([
    chance.normal(1.1, 0.01, 200),        # a price
    chance.normal(0, 1e-7, 200),          # a return
    chance.uniform(0, 1e9, 200),          # a volume
    numpy.full(200, 0.1),                 # does not vary, and its sum rounds
    1e6 + chance.normal(0, 1e-3, 200),    # varies little around much
])
scaler = StandardScaler().fit(rows)
golden = {
    "sklearn": sklearn.__version__,
    "rows": rows.ravel().tolist(),
    "mean": scaler.mean_.tolist(),
    "scale": scaler.scale_.tolist(),
    "transformed": scaler.transform(rows).ravel().tolist(),
}
path = pathlib.Path(__file__).with_name("scaler.json")
path.write_text(json.dumps(golden) + "\n")
