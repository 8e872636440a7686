"""Matrix factorisation: users and items as short vectors whose product is the score.

A new user's vector is a linear map of the likes (folding in), so that all of these models can be
served without the library that trained them, and score users whom they never saw.
"""

import numpy as np
from implicit.bpr import BayesianPersonalizedRanking
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix, diags
from sklearn.utils.extmath import randomized_svd
from threadpoolctl import threadpool_limits

from .linear import Array, LinearRecommender
from .neighbours import Settings, popularity_bias


def svd(likes: csr_matrix, texts: list[str], settings: Settings, seed: int) -> LinearRecommender:
    """Truncated SVD: the few directions of taste along which users differ most.

    Cremonesi et al. (2010), "Performance of recommender algorithms on top-n recommendation tasks"
    (PureSVD). ``damping`` makes likes of famous items weigh less.
    """
    counts = np.bincount(likes.indices, minlength=likes.shape[1])
    damp = np.maximum(counts, 1.0) ** -settings["damping"]
    size = min(settings["factors"], min(likes.shape) - 1)
    _, _, directions = randomized_svd(likes @ diags(damp), size, random_state=seed)
    inputs = damp[:, np.newaxis] * directions.T
    return LinearRecommender(
        popularity_bias(likes),
        inputs=inputs.astype(np.float32),
        outputs=directions.T.astype(np.float32),
    )


def als(likes: csr_matrix, texts: list[str], settings: Settings, seed: int) -> LinearRecommender:
    """Alternating least squares on implicit feedback: likes count more than their absence.

    Hu, Koren and Volinsky (2008), "Collaborative filtering for implicit feedback datasets".
    """
    with threadpool_limits(1, "blas"):  # implicit is slow where BLAS has threads of its own
        model = AlternatingLeastSquares(
            factors=settings["factors"],
            regularization=settings["regularisation"],
            alpha=settings["alpha"],
            iterations=15,
            random_state=seed,
            num_threads=1,  # with more, the result would depend on their timing
        )
        model.fit(likes, show_progress=False)
    return _folded_in(likes, model.user_factors, model.item_factors)


def bpr(likes: csr_matrix, texts: list[str], settings: Settings, seed: int) -> LinearRecommender:
    """Bayesian personalised ranking: a liked item should score above one that is not.

    Rendle et al. (2009), "BPR: Bayesian personalized ranking from implicit feedback".
    """
    model = BayesianPersonalizedRanking(
        factors=settings["factors"],
        regularization=settings["regularisation"],
        learning_rate=settings["learning_rate"],
        iterations=200,
        random_state=seed,
        num_threads=1,
    )
    model.fit(likes, show_progress=False)
    # The last factor is the item's bias, and 1 for every user: folded in like the others.
    return _folded_in(likes, model.user_factors, model.item_factors)


def _folded_in(likes: csr_matrix, users: Array, items: Array) -> LinearRecommender:
    """The linear map from likes to the vectors ``users`` (users, d) that fits them best.

    A user's vector is the sum of the liked ``items`` (items, d) times a (d, d) matrix, found by
    least squares.
    """
    sums = (likes @ items).astype(float)
    change, *_ = np.linalg.lstsq(sums, users.astype(float), rcond=None)
    inputs = items @ change
    return LinearRecommender(
        popularity_bias(likes), inputs=inputs.astype(np.float32), outputs=items
    )
